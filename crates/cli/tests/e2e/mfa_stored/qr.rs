//! `mfa add --qr`: a secret in a picture.

use std::fs;

use qrcode::{Color, QrCode};

use super::{ALONE, MFA_SECRET, SECOND_WAY, STORED, TO_USE, UNPROVED};
use crate::harness::{DEVICE, Ran, Stage};
use crate::keys::BY_COMMAND;
use crate::support::Checks;

/// How the points of a picture are written.
#[derive(Clone, Copy)]
enum Points {
    Grey,
    Coloured,
    /// Black on nothing at all.
    Transparent,
    Bits,
}

/// A picture of `texts` beside each other as QR codes, of so many points a square.
fn picture(texts: &[&str], scale: usize, points: Points) -> Vec<u8> {
    let codes: Vec<QrCode> = texts
        .iter()
        .map(|text| QrCode::new(text).unwrap())
        .collect();
    let sides = codes.iter().map(|code| code.width() + 8);
    let (width, height) = (
        sides.clone().sum::<usize>().max(40) * scale,
        sides.max().unwrap_or(40) * scale,
    );
    let is_dark = |x: usize, y: usize| {
        let (mut x, y) = (x / scale, y / scale);
        for code in &codes {
            let side = code.width() + 8;
            if x < side {
                let inside = (4..side - 4).contains(&x) && (4..side - 4).contains(&y);
                return inside && code[(x - 4, y - 4)] == Color::Dark;
            }
            x -= side;
        }
        false
    };
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(
        &mut bytes,
        u32::try_from(width).unwrap(),
        u32::try_from(height).unwrap(),
    );
    let (kind, depth) = match points {
        Points::Grey => (png::ColorType::Grayscale, png::BitDepth::Eight),
        Points::Coloured => (png::ColorType::Rgb, png::BitDepth::Sixteen),
        Points::Transparent => (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight),
        Points::Bits => (png::ColorType::Grayscale, png::BitDepth::One),
    };
    encoder.set_color(kind);
    encoder.set_depth(depth);
    let mut data = Vec::new();
    for y in 0..height {
        let row = (0..width).map(|x| is_dark(x, y));
        match points {
            Points::Grey => data.extend(row.map(|dark| if dark { 40 } else { 230 })),
            Points::Coloured => data.extend(row.flat_map(|dark| match dark {
                true => [0, 0, 0, 0, 90, 0],
                false => [255, 255, 250, 0, 255, 0],
            })),
            Points::Transparent => {
                data.extend(row.flat_map(|dark| if dark { [0, 255] } else { [0, 0] }));
            }
            Points::Bits => {
                let bits: Vec<bool> = row.collect();
                let byte = |bits: &[bool]| {
                    let with =
                        |byte: u8, (at, dark): (usize, &bool)| byte | (u8::from(!dark) << (7 - at));
                    bits.iter().enumerate().fold(0, with)
                };
                data.extend(bits.chunks(8).map(byte));
            }
        }
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    bytes
}

fn add(stage: &Stage, picture: &[u8], args: &[&str]) -> Ran {
    fs::write(stage.path("code.png"), picture).unwrap();
    let args = [&["add", DEVICE, "--qr", "code.png"], args, &BY_COMMAND].concat();
    stage.mfa(&args, "")
}

#[test]
fn a_secret_is_read_from_a_picture_which_can_be_removed() {
    let url = format!(
        "otpauth://totp/Amazon%20Web%20Services:jdoe@acme?secret={MFA_SECRET}&issuer=Amazon%20Web%20Services"
    );
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (case, scale, points) in [
        ("grey", 3, Points::Grey),
        ("coloured", 5, Points::Coloured),
        ("transparent", 4, Points::Transparent),
        ("bits", 2, Points::Bits),
    ] {
        let ran = add(&stage, &picture(&[&url], scale, points), &["--replace"]);
        let told = format!(
            "{STORED}{ALONE}{UNPROVED}code.png still has the secret in clear; remove it: rm code.png\n{TO_USE}{SECOND_WAY}"
        );
        checks.ran(case, &ran, "", &told, 0);
    }
    let ran = add(
        &stage,
        &picture(&[&url], 3, Points::Grey),
        &["--replace", "--yes"],
    );
    let told = format!("{STORED}{ALONE}{UNPROVED}removed code.png\n{TO_USE}{SECOND_WAY}");
    checks.ran("removed", &ran, "", &told, 0);
    checks.same(
        "gone",
        &stage.path("code.png").exists().to_string(),
        "false",
    );
    checks.same("no file", &format!("{:?}", stage.mfa_secret_at()), "[]");
}

#[test]
fn other_pictures_are_refused_by_name() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let url = format!("otpauth://totp/x?secret={MFA_SECRET}");
    let whole = picture(&[&url], 3, Points::Grey);
    let damaged: Vec<u8> = whole[..whole.len() / 2].to_vec();
    // A picture of 60,000 by 60,000 points in a hundred bytes.
    let mut large = whole.clone();
    large[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let unread = "error: cannot read the QR code in code.png\n  because: ";
    let hint = "\n  hint: take a picture of the whole code, as a PNG file\n";
    for (case, bytes, why) in [
        ("none", picture(&[], 3, Points::Grey), "it has none"),
        (
            "two",
            picture(&[&url, "another"], 3, Points::Grey),
            "it has more than one",
        ),
        (
            "no picture",
            b"\xff\xd8\xff\xe0 JFIF".to_vec(),
            "it is no PNG file, or a damaged one",
        ),
        ("empty", Vec::new(), "the picture is not complete"),
        ("half", damaged, "the picture is not complete"),
        ("large", large, "it is no PNG file, or a damaged one"),
    ] {
        let ran = add(&stage, &bytes, &[]);
        checks.ran(case, &ran, "", &format!("{unread}{why}{hint}"), 2);
    }
    let other = "error: the QR code in code.png has no secret of an MFA device\n  because: ";
    for (text, why) in [
        (
            "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8",
            "it is an export of Google Authenticator (otpauth-migration), which is not read: take the QR code or the secret that AWS showed for the device",
        ),
        (
            "https://example.com/",
            "it is a URL, and not the otpauth URL of an MFA device",
        ),
    ] {
        let ran = add(&stage, &picture(&[text], 3, Points::Grey), &[]);
        checks.ran(text, &ran, "", &format!("{other}{why}\n"), 2);
    }
    fs::remove_file(stage.path("code.png")).unwrap();
    let ran = stage.mfa(&["add", DEVICE, "--qr", "code.png"], "");
    checks.ran(
        "no file",
        &ran,
        "",
        &format!("{unread}the file does not exist{hint}"),
        2,
    );
    assert!(!stage.path(".assumerole.d/keys").exists());
}
