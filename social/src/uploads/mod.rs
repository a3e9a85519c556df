//! What people upload. [`image`] makes a clean picture of whatever bytes came, [`pool`] bounds the time and the threads
//! that this takes, and [`blobs`] keeps the outcome on disk.

pub mod blobs;
pub mod image;
pub mod pool;
