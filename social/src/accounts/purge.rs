//! The end of accounts: those whose grace period is over, and registrations that nobody verified.

use std::sync::atomic::Ordering;

use super::store;
use crate::attachments;
use crate::comments;
use crate::connections;
use crate::conversations;
use crate::db::DbError;
use crate::letters;
use crate::limits::UNVERIFIED_LIFETIME;
use crate::posts;
use crate::profiles;
use crate::state::Social;

/// Purges whatever is due: rows, then files, then what deleted rows leave behind. A crash in between leaves files that
/// no row knows, which the blobs' own sweep finds.
pub(crate) async fn run(social: &Social) -> Result<(), DbError> {
    let now = social.clock.now();
    let unverified = now.millis_before(UNVERIFIED_LIFETIME);
    let due = store::due_for_purge(&mut social.db(), now, unverified).await?;
    for account in &due {
        let mut tx = social.db().begin().await?;
        let mut keys = profiles::store::blob_keys(&mut tx, *account).await?;
        keys.extend(posts::images::blob_keys(&mut tx, *account).await?);
        keys.extend(conversations::pictures::blob_keys(&mut tx, *account).await?);
        let files = attachments::store::files_of_account(&mut tx, *account).await?;
        posts::purge::take_back_likes(&mut tx, *account).await?;
        comments::purge::remove_all(&mut tx, *account).await?;
        conversations::purge::leave_all(&mut tx, *account, now).await?;
        letters::purge::remove_all(&mut tx, *account).await?;
        connections::store::uncount(&mut tx, *account).await?;
        // Restored or verified in the meantime?
        if store::purge(&mut tx, *account, now, unverified).await? == 0 {
            continue;
        }
        tx.commit().await?;
        profiles::forget_blobs(social, keys).await;
        attachments::forget(social, files).await;
    }
    if !due.is_empty() {
        tracing::info!("purged {} accounts", due.len());
        social.scrub_waits.store(true, Ordering::Relaxed);
    }
    if social.scrub_waits.load(Ordering::Relaxed) && social.db.scrub().await? {
        social.scrub_waits.store(false, Ordering::Relaxed);
    }
    Ok(())
}
