//! STUB until the files branch is merged.
#![allow(missing_docs, clippy::unused_async)]
use std::str::FromStr;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageKind {
    Picture,
    Cover,
}
#[derive(Debug, Clone, Copy)]
pub struct Crop {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}
#[derive(Debug, Clone, Copy)]
pub enum Format {
    Jpeg,
    Png,
}
#[derive(Debug)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}
#[derive(Debug)]
pub struct Processed {
    pub format: Format,
    pub large: Encoded,
    pub small: Encoded,
}
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum ImageError {
    #[error("x")]
    TooLarge,
    #[error("x")]
    TooManyPixels,
    #[error("x")]
    Unsupported,
    #[error("x")]
    Broken,
    #[error("x")]
    OutsideCrop,
}
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("busy")]
    Busy,
    #[error("slow")]
    TooSlow,
    #[error(transparent)]
    Image(#[from] ImageError),
}
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("full")]
    Full,
    #[error("none")]
    NotFound,
    #[error(transparent)]
    Io(std::io::Error),
}
#[derive(Debug, Default)]
pub struct ImagePool;
impl ImagePool {
    pub async fn process(&self, _: axum::body::Bytes, _: Option<Crop>, _: ImageKind) -> Result<Processed, PoolError> {
        Err(PoolError::Busy)
    }
}
#[derive(Debug, Clone)]
pub struct BlobKey(String);
impl std::fmt::Display for BlobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for BlobKey {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        Ok(Self(s.to_owned()))
    }
}
#[derive(Debug)]
pub struct Blobs;
impl Blobs {
    pub fn open(_: &std::path::Path) -> std::io::Result<Self> {
        Ok(Self)
    }
    pub async fn put(&self, _: Vec<u8>, _: &'static str, _: &crate::secrets::SharedRng) -> Result<BlobKey, BlobError> {
        Err(BlobError::Full)
    }
    pub async fn read(&self, _: &BlobKey) -> Result<Vec<u8>, BlobError> {
        Err(BlobError::NotFound)
    }
    pub async fn remove(&self, _: &BlobKey) -> Result<(), BlobError> {
        Ok(())
    }
    pub async fn older_than(&self, _: crate::clock::Moment) -> Vec<BlobKey> {
        Vec::new()
    }
}
