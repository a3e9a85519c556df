//! Values for the placeholders of a query, for both drivers.

use sqlx::postgres::PgArguments;
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Postgres, Sqlite};
use uuid::Uuid;

use super::Record;
use crate::id::{
    AccountId, AttachmentId, CommentId, ConversationId, EntryId, LetterId, MailId, MessageId, NotificationId, PostId,
    PostImageId, RingId, SessionId,
};
use crate::secrets::SecretHash;

/// One value; `None` is NULL.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Id(Option<Uuid>),
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

/// The values of a query: `args![id, "text", 5]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub(crate) use args;

macro_rules! from {
    ($($variant:ident: $type:ty => $convert:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )*};
}

from! {
    Id: AccountId => |id| id.0;
    Id: SessionId => |id| id.0;
    Id: EntryId => |id| id.0;
    Id: MailId => |id| id.0;
    Id: PostId => |id| id.0;
    Id: PostImageId => |id| id.0;
    Id: AttachmentId => |id| id.0;
    Id: CommentId => |id| id.0;
    Id: NotificationId => |id| id.0;
    Id: ConversationId => |id| id.0;
    Id: MessageId => |id| id.0;
    Id: LetterId => |id| id.0;
    Id: RingId => |id| id.0;
    Id: Uuid => |id| id;
    Text: &str => str::to_owned;
    Text: String => |text| text;
    Int: i64 => |number| number;
    Bool: bool => |flag| flag;
    Bytes: SecretHash => |hash| hash.bytes().to_vec();
    Bytes: Vec<u8> => |bytes| bytes;
}

macro_rules! bind {
    ($query:expr, $args:expr) => {
        $args.into_iter().fold($query, |query, value| match value {
            Value::Id(id) => query.bind(id),
            Value::Text(text) => query.bind(text),
            Value::Int(number) => query.bind(number),
            Value::Bool(flag) => query.bind(flag),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    };
}

pub(super) fn sqlite(sql: &'static str, args: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    bind!(sqlx::query(sql), args)
}

pub(super) fn postgres(sql: &'static str, args: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    bind!(sqlx::query(sql), args)
}

/// Has no place in Postgres' store of plans: it is planned for these very values each time.
pub(super) fn postgres_once_as<T: Record>(
    sql: &'static str,
    args: Vec<Value>,
) -> QueryAs<'static, Postgres, T, PgArguments> {
    postgres_as(sql, args).persistent(false)
}

pub(super) fn sqlite_as<T: Record>(
    sql: &'static str,
    args: Vec<Value>,
) -> QueryAs<'static, Sqlite, T, SqliteArguments> {
    bind!(sqlx::query_as(sql), args)
}

pub(super) fn postgres_as<T: Record>(
    sql: &'static str,
    args: Vec<Value>,
) -> QueryAs<'static, Postgres, T, PgArguments> {
    bind!(sqlx::query_as(sql), args)
}
