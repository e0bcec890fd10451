//! AWS, or an emulator of it.

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, tls};
use aws_types::SdkConfig;

use crate::config::optional;

/// Returns the configuration for every AWS client. Lambda gives a function its `AWS_REGION`, and the credentials of
/// its role in variables (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>), so it does not
/// search for others in files or at services that are not there. `AWS_ENDPOINT_URL` points at an emulator. If
/// something is missing, the first call fails.
pub fn config() -> SdkConfig {
    let variable = |name| optional::<String>(name).ok().flatten();
    let credentials = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
    let credentials = credentials.map(|(key, secret)| {
        SharedCredentialsProvider::new(Credentials::new(
            key,
            secret,
            variable("AWS_SESSION_TOKEN"),
            None,
            "environment",
        ))
    });
    let crypto = tls::rustls_provider::CryptoMode::AwsLc;
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(variable("AWS_REGION").map(Region::new))
        .http_client(Builder::new().tls_provider(tls::Provider::Rustls(crypto)).build_https());
    config.set_credentials_provider(credentials).set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    config.build()
}
