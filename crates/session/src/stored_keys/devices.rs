//! Secrets of virtual MFA devices: files of their own beside those of the keys.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::aws::totp::{TotpHash, TotpSecret};
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::format::{VERSION, damaged, decoded, encoded, from_json, to_json, version};
use super::{LARGEST, StoredKeys, Unlocked, digest, lock, seal};

/// What the names of the files end with.
pub(super) const ENDING: &str = ".totp";

/// What is known of a stored secret without unlocking it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredDevice {
    version: u32,
    /// The store that it is sealed for.
    store: String,
    /// The ARN or the serial number of the device.
    pub device: String,
    /// The hash of its codes.
    pub hash: TotpHash,
    /// When it was stored.
    pub stored: Timestamp,
}

/// A file of one device.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceFile {
    device: StoredDevice,
    sealed: String,
}

impl StoredDevice {
    /// The text that its secret is bound to: every byte of it has to be as it was.
    fn bound_to(&self) -> String {
        format!("assumerole stored totp 1 {}", to_json(self))
    }
}

impl StoredKeys {
    /// Every device whose secret is stored, by name.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn devices(&self) -> Result<Vec<StoredDevice>> {
        let names = self.dir.list()?.into_iter().map(|entry| entry.name);
        let names = names.filter_map(|name| name.into_string().ok());
        let mut devices = Vec::new();
        for name in names.filter(|name| name.ends_with(ENDING)) {
            devices.extend(self.device_file(&name)?.map(|file| file.device));
        }
        devices.sort_by(|a, b| a.device.cmp(&b.device));
        Ok(devices)
    }

    /// What is known of `device`; `None` if its secret is not stored.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn device(&self, device: &MfaDevice) -> Result<Option<StoredDevice>> {
        let found = self.device_file(&file_name(device))?;
        let found = found.map(|file| file.device);
        Ok(found.filter(|found| found.device == device.as_str()))
    }

    /// The secret of `device`.
    ///
    /// # Errors
    /// There is none, or its file is not as it was written.
    pub(crate) fn read_device(
        &self,
        unlocked: &Unlocked,
        device: &MfaDevice,
    ) -> Result<TotpSecret> {
        let name = file_name(device);
        let found = self.device_file(&name)?;
        let found = found.filter(|file| file.device.device == device.as_str());
        let DeviceFile { device, sealed } = found.ok_or_else(|| no_device(device))?;
        let plain =
            decoded(&sealed).and_then(|sealed| unlocked.0.open(&device.bound_to(), &sealed));
        let secret = plain.and_then(|plain| {
            let base32 = std::str::from_utf8(&plain).ok()?;
            TotpSecret::new(device.hash, base32).ok()
        });
        secret
            .filter(|_| device.store == self.file.id)
            .ok_or_else(|| damaged(&self.shown(&name), "it was changed, or is of another store"))
    }

    /// Stores the `secret` of `device`, in place of one that is there. It is on
    /// the disk, and was read back, when this returns.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn write_device(
        &self,
        desk: &Desk<'_>,
        unlocked: &Unlocked,
        device: &MfaDevice,
        secret: &TotpSecret,
    ) -> Result<()> {
        let now = desk.host.clock.now();
        let known = StoredDevice {
            version: VERSION,
            store: self.file.id.clone(),
            device: device.as_str().to_owned(),
            hash: secret.hash,
            stored: Timestamp::from_second(now.as_second()).unwrap_or(now),
        };
        let plain = secret.base32().expose_secret();
        let sealed = seal(&unlocked.0, &known.bound_to(), plain.as_bytes())?;
        let file = DeviceFile {
            device: known,
            sealed: encoded(&sealed),
        };
        let _lock = lock(&self.dir, desk)?;
        self.dir
            .write(file_name(device), to_json(&file).as_bytes())?;
        self.dir.keep_removed()?;
        let back = self.read_device(unlocked, device)?;
        match back.base32().expose_secret() == plain {
            true => Ok(()),
            false => Err(Error::new(
                Kind::Failed,
                format!("cannot store the secret of {device}: it reads back as another one"),
            )
            .called(Id::KeyStoreFailed)),
        }
    }

    /// Removes the secret of `device`; whether there was one.
    ///
    /// # Errors
    /// Its file cannot be removed.
    pub fn remove_device(&self, desk: &Desk<'_>, device: &MfaDevice) -> Result<bool> {
        let _lock = lock(&self.dir, desk)?;
        let removed = self.dir.remove(file_name(device))?;
        self.dir.keep_removed()?;
        Ok(removed)
    }

    fn device_file(&self, name: &str) -> Result<Option<DeviceFile>> {
        let Some(bytes) = self.dir.read(name, LARGEST)? else {
            return Ok(None);
        };
        let shown = self.shown(name);
        let file: DeviceFile = from_json(&bytes, &shown)?;
        version(file.device.version, &shown)?;
        Ok(Some(file))
    }
}

/// The error of a device whose secret is not stored.
pub fn no_device(device: &MfaDevice) -> Error {
    Error::new(
        Kind::UnknownName,
        format!("no secret of {device} is stored"),
    )
    .hint("see which devices have one: assumerole mfa list")
}

/// The file of the secret of `device`, whose name may have any character.
fn file_name(device: &MfaDevice) -> String {
    digest(device.as_str()) + ENDING
}
