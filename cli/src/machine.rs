//! What the engine does not look at by itself: the clock, the environment, chance, and where we are.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

use aludel_engine::project::Moment;

/// Name and version of this tool, for the record.
pub(crate) const TOOL: &str = concat!("aludel ", env!("CARGO_PKG_VERSION"));

/// A variable of the environment; one that is not text counts as missing.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The moment it is, to the second.
pub(crate) fn now() -> Moment {
    let seconds = since_1970().as_secs();
    Moment::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// 48 bits that nobody else has. The standard library seeds its hash maps from the operating system's source of chance.
pub(crate) fn random_bytes() -> [u8; 6] {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u128(since_1970().as_nanos());
    hasher.write_u32(std::process::id());
    let [a, b, c, d, e, f, ..] = hasher.finish().to_le_bytes();
    [a, b, c, d, e, f]
}

/// The id of a run: when it began, and chance.
pub(crate) fn run_id() -> String {
    let chance: String = random_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{chance}", since_1970().as_millis())
}

/// The name of this machine, for the record.
pub(crate) fn host() -> String {
    let named = || ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(environment);
    let asked = || {
        let output = std::process::Command::new("hostname").output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(named).or_else(asked);
    name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

pub(crate) fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
