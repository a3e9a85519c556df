//! Who is signed in, and how that is proved: passwords, the session's cookie, the header that foreign pages cannot send.

pub mod cookie;
pub mod csrf;
pub mod password;
pub mod viewer;

pub use self::password::{Hasher, Password};
pub use self::viewer::Viewer;
