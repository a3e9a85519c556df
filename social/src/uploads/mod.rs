//! What people upload. [`image`] makes a clean picture of whatever bytes came (on a [`Pool`](crate::pool::Pool),
//! which bounds the time and the threads that this takes), and [`blobs`] keeps the outcome on disk.

pub mod blobs;
pub mod image;

pub use self::blobs::{BlobError, BlobKey, Blobs, Extension};
pub use self::image::{Crop, Encoded, Format, ImageError, ImageKind, Shape};
