//! The Rust SDK as a driver of the scenario: one JSON request per line in, one JSON answer per line
//! out. Rust cannot find operations and members by name when it runs: table.rs does it, for the
//! operations that the scenario has. table.py writes it from the service model before this is
//! compiled.

use std::collections::HashMap;
use std::env::var;
use std::fmt::Debug;
use std::io::{stdin, BufRead};

use aws_sdk_chimesdkidentity as identity;
use aws_sdk_chimesdkmessaging as messaging;
use messaging::config::{BehaviorVersion, Credentials, Region};
use messaging::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use messaging::primitives::DateTime;
use serde_json::{json, Map, Value};

mod table;

/// What cannot be made of the scenario's JSON.
type Failure = String;

pub trait FromJson: Sized {
    fn from_json(value: &Value) -> Result<Self, Failure>;
}

pub trait ToJson {
    /// Null for what is absent.
    fn to_json(&self) -> Value;
}

impl FromJson for String {
    fn from_json(value: &Value) -> Result<Self, Failure> {
        value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is no text"))
    }
}

impl FromJson for bool {
    fn from_json(value: &Value) -> Result<Self, Failure> {
        value.as_bool().ok_or_else(|| format!("{value} is no boolean"))
    }
}

impl FromJson for i32 {
    fn from_json(value: &Value) -> Result<Self, Failure> {
        let number = value.as_i64().and_then(|number| number.try_into().ok());
        number.ok_or_else(|| format!("{value} is no integer"))
    }
}

impl FromJson for DateTime {
    fn from_json(value: &Value) -> Result<Self, Failure> {
        let milliseconds = value["$date"].as_i64().ok_or_else(|| format!("{value} is no date"))?;
        Ok(DateTime::from_millis(milliseconds))
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Value) -> Result<Self, Failure> {
        let entries = value.as_array().ok_or_else(|| format!("{value} is no list"))?;
        entries.iter().map(T::from_json).collect()
    }
}

impl<T: FromJson> FromJson for HashMap<String, T> {
    fn from_json(value: &Value) -> Result<Self, Failure> {
        let entries = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
        entries.iter().map(|(name, entry)| Ok((name.clone(), T::from_json(entry)?))).collect()
    }
}

impl ToJson for String {
    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl ToJson for bool {
    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl ToJson for i32 {
    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl ToJson for DateTime {
    fn to_json(&self) -> Value {
        let nanoseconds = self.as_nanos() + 500_000; // a fraction of seconds is a rounded number
        json!({"$date": i64::try_from(nanoseconds.div_euclid(1_000_000)).unwrap_or(i64::MAX)})
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Value {
        self.iter().map(T::to_json).collect()
    }
}

impl<T: ToJson> ToJson for HashMap<String, T> {
    fn to_json(&self) -> Value {
        self.iter().map(|(name, entry)| (name.clone(), entry.to_json())).collect()
    }
}

/// The members of an input or of a structure in it.
pub struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    /// A failure if there is one that is not `known`: it would silently not be sent.
    pub fn of(value: &'a Value, known: &[&str]) -> Result<Self, Failure> {
        let members = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(format!("there is no member {name}, but {known:?}")),
            None => Ok(Members(members)),
        }
    }

    pub fn get<T: FromJson>(&self, name: &str) -> Result<Option<T>, Failure> {
        let value = self.0.get(name).map(T::from_json).transpose();
        value.map_err(|failure| format!("{name}: {failure}"))
    }
}

/// What build() of a structure returns: the structure, or a result if some of it is required.
pub trait Built<T> {
    fn built(self) -> Result<T, Failure>;
}

impl<T> Built<T> for T {
    fn built(self) -> Result<T, Failure> {
        Ok(self)
    }
}

impl<T> Built<T> for Result<T, BuildError> {
    fn built(self) -> Result<T, Failure> {
        self.map_err(|failure| failure.to_string())
    }
}

pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let present = members.into_iter().filter(|(_, member)| !member.is_null());
    present.map(|(name, member)| (name.to_owned(), member)).collect()
}

pub fn reply<O, E, R>(
    result: Result<O, SdkError<E, R>>,
    encoded: impl FnOnce(O) -> Value,
) -> Result<Value, Failure>
where
    E: std::error::Error + ProvideErrorMetadata + Debug + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    match result {
        Ok(output) => Ok(json!({"output": encoded(output)})),
        Err(SdkError::ServiceError(refused)) => {
            let error = refused.into_err();
            // The variant of the operation's error enumeration, Unhandled if it is none of them.
            let shown = format!("{error:?}");
            let variant = shown.split(['(', ' ']).next().unwrap_or_default();
            let kind = std::any::type_name::<E>().rsplit("::").next().unwrap_or_default();
            let class = format!("{kind}::{variant}");
            Ok(json!({"error": variant, "class": class, "message": error.message()}))
        }
        Err(other) => Err(DisplayErrorContext(other).to_string()),
    }
}

macro_rules! client {
    ($sdk:ident) => {{
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(setting("AWS_REGION")))
            .credentials_provider(Credentials::new(
                setting("AWS_ACCESS_KEY_ID"),
                setting("AWS_SECRET_ACCESS_KEY"),
                None,
                None,
                "environment",
            ))
            .endpoint_url(setting("AWS_ENDPOINT_URL"))
            // An error is to be seen, not repaired by a retry.
            .retry_config($sdk::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        $sdk::Client::from_conf(config)
    }};
}

fn setting(name: &str) -> String {
    var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

struct Clients {
    messaging: messaging::Client,
    identity: identity::Client,
}

impl Clients {
    async fn answer(&self, line: &str) -> Result<Value, Failure> {
        let request: Value = serde_json::from_str(line).map_err(|failure| failure.to_string())?;
        let operation = request["operation"].as_str().unwrap_or_default();
        match request["service"].as_str() {
            Some("messaging") => {
                table::messaging::call(&self.messaging, operation, &request["input"]).await
            }
            Some("identity") => {
                table::identity::call(&self.identity, operation, &request["input"]).await
            }
            _ => Err(format!("no service {}", request["service"])),
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clients = Clients { messaging: client!(messaging), identity: client!(identity) };
    let sdk = format!("aws-sdk-chimesdkmessaging {}", messaging::meta::PKG_VERSION);
    println!("{}", json!({"sdk": sdk}));
    for line in stdin().lock().lines() {
        let answer = runtime.block_on(clients.answer(&line.unwrap()));
        println!("{}", answer.unwrap_or_else(|failure| json!({"failure": failure})));
    }
}
