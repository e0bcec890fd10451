//! S3: the files of reports.

use std::{path::Path, sync::OnceLock, time::Duration};

use aws_sdk_s3::{
    Client, config,
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};

use crate::{aws, config as environment};

/// How long a link is valid. It expires sooner if the function's own credentials do.
const LINK_LIFETIME: Duration = Duration::from_mins(15);
const BUCKET: &str = "REPORTS_BUCKET";

/// The bucket of the reports. The client is created at first use.
pub struct Storage {
    bucket: String,
    client: OnceLock<Client>,
}

/// A file.
#[derive(Debug)]
pub struct StoredFile {
    /// `Content-Disposition`: a browser saves the file under the name in it.
    pub disposition: String,
    /// The content.
    pub content: Vec<u8>,
}

impl Storage {
    /// Reads `REPORTS_BUCKET`.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(environment::required(BUCKET)?))
    }

    /// Creates a value for the bucket with this name.
    pub fn new(bucket: String) -> Self {
        Self { bucket, client: OnceLock::new() }
    }

    /// Uploads a file, which replaces one that was there before. A browser saves it under `name`.
    pub async fn put(&self, key: &str, file: &Path, media_type: &str, name: &str) -> anyhow::Result<()> {
        let body = ByteStream::from_path(file).await?;
        let put = self.client().put_object().bucket(&self.bucket).key(key).body(body).content_type(media_type);
        let put = put.content_disposition(format!("attachment; filename=\"{name}\""));
        put.send().await.map_err(|e| anyhow::Error::new(e.into_service_error()))?;
        Ok(())
    }

    /// Returns a file, or `None` if it has more than `max_bytes` bytes.
    pub async fn get(&self, key: &str, max_bytes: usize) -> anyhow::Result<Option<StoredFile>> {
        let get = self.client().get_object().bucket(&self.bucket).key(key);
        let file = get.send().await.map_err(|e| anyhow::Error::new(e.into_service_error()))?;
        if file.content_length().is_none_or(|bytes| usize::try_from(bytes).is_ok_and(|bytes| bytes > max_bytes)) {
            return Ok(None);
        }
        Ok(Some(StoredFile {
            disposition: file.content_disposition.unwrap_or_default(),
            content: file.body.collect().await?.to_vec(),
        }))
    }

    /// Returns a link with which anyone can download a file.
    pub async fn link(&self, key: &str) -> anyhow::Result<String> {
        let get = self.client().get_object().bucket(&self.bucket).key(key);
        let link = get.presigned(PresigningConfig::expires_in(LINK_LIFETIME)?).await;
        Ok(link.map_err(|e| anyhow::Error::new(e.into_service_error()))?.uri().to_owned())
    }

    /// Deletes files, at most a thousand. Succeeds for files that do not exist.
    pub async fn delete(&self, keys: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
        let objects: Vec<_> =
            keys.into_iter().map(|key| ObjectIdentifier::builder().key(key).build()).collect::<Result<_, _>>()?;
        let objects = Delete::builder().set_objects(Some(objects)).quiet(true).build()?;
        let delete = self.client().delete_objects().bucket(&self.bucket).delete(objects);
        let answer = delete.send().await.map_err(|e| anyhow::Error::new(e.into_service_error()))?;
        match answer.errors() {
            [] => Ok(()),
            [error, ..] => Err(anyhow::anyhow!("S3 did not delete {:?}: {:?}", error.key(), error.message())),
        }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let shared = aws::config();
            // Only AWS gets the name of the bucket as a part of the host name: there such names resolve.
            let elsewhere = shared.endpoint_url().is_some();
            Client::from_conf(config::Builder::from(&shared).force_path_style(elsewhere).build())
        })
    }
}
