//! Pages of long lists, by keyset: the cursor is the sort key of the last item, so that a page costs the same wherever it
//! is, and nothing is shown twice or left out when items are added.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::error::ApiError;
use crate::limits::{MAX_PAGE_ITEMS, PAGE_ITEMS};

/// A part of a list.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `after` for those that follow, if any do.
    pub next: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
}

/// The sort key of an item: a time, and an id where times are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) at: i64,
    pub(crate) id: Uuid,
}

impl Cursor {
    /// Before the first item of a list that shows the newest first.
    pub(crate) const NEWEST: Self = Self { at: i64::MAX, id: Uuid::max() };

    /// Before the first item of a list that shows the oldest first.
    pub(crate) const OLDEST: Self = Self { at: i64::MIN, id: Uuid::nil() };

    /// The sort key in a list that is sorted by ids alone, which sort by time.
    pub(crate) fn of_id(id: Uuid) -> Self {
        Self { at: 0, id }
    }

    fn to_text(self) -> String {
        format!("{}.{}", self.at, self.id.simple())
    }

    fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { at: at.parse().ok()?, id: Uuid::try_parse(id).ok()? })
    }
}

impl PageQuery {
    /// The same of a route that takes more than these two.
    pub(crate) fn new(after: Option<String>, limit: Option<usize>) -> Self {
        Self { after, limit }
    }

    /// Where the page of a list that shows the newest first begins, and one item more than it may have.
    ///
    /// # Errors
    /// When `after` is no cursor or `limit` is out of range.
    pub(crate) fn window(&self) -> Result<(Cursor, i64), ApiError> {
        self.window_from(Cursor::NEWEST)
    }

    /// The same for a list that begins at `first`.
    ///
    /// # Errors
    /// When `after` is no cursor or `limit` is out of range.
    pub(crate) fn window_from(&self, first: Cursor) -> Result<(Cursor, i64), ApiError> {
        let after = match &self.after {
            None => first,
            Some(text) => Cursor::parse(text).ok_or_else(|| ApiError::invalid("after", "this is no page's next"))?,
        };
        Ok((after, i64::try_from(self.items()?).unwrap_or(0) + 1))
    }

    fn items(&self) -> Result<usize, ApiError> {
        match self.limit.unwrap_or(PAGE_ITEMS) {
            items @ 1..=MAX_PAGE_ITEMS => Ok(items),
            _ => Err(ApiError::invalid("limit", "from 1 to 100")),
        }
    }

    /// The page of what was found in the window.
    pub(crate) fn page<R, T>(
        &self,
        mut found: Vec<R>,
        key: impl Fn(&R) -> Cursor,
        show: impl FnMut(R) -> T,
    ) -> Page<T> {
        let items = self.items().unwrap_or(PAGE_ITEMS);
        let next = (found.len() > items).then(|| found.get(items - 1).map(|last| key(last).to_text())).flatten();
        found.truncate(items);
        Page { items: found.into_iter().map(show).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_way_to_the_client() {
        let cursor = Cursor { at: -5, id: Uuid::from_u128(7) };
        assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        for junk in ["", ".", "5", "5.", "x.00000000000000000000000000000007", "5.7", "99999999999999999999.7"] {
            assert_eq!(Cursor::parse(junk), None, "{junk}");
        }
    }

    #[test]
    fn a_page_says_where_the_next_begins_only_if_there_is_one() {
        let query = PageQuery { limit: Some(2), after: None };
        let key = |at: &i64| Cursor { at: *at, id: Uuid::nil() };
        let page = query.page(vec![3, 2, 1], key, |at| at);
        assert_eq!((page.items, page.next), (vec![3, 2], Some(key(&2).to_text())));
        assert_eq!(query.page(vec![3, 2], key, |at| at).next, None);
        assert!(PageQuery { limit: Some(0), after: None }.window().is_err());
        assert!(PageQuery { limit: Some(101), after: None }.window().is_err());
    }
}
