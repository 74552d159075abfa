//! The text of the QR code in a picture.

use std::io::Cursor;
use std::path::Path;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs;
use png::{Decoder, Limits, Transformations};
use rqrr::PreparedImage;
use zeroize::Zeroizing;

use crate::app::App;

/// Bytes of the file: more than that of a large screen.
const LARGEST: usize = 64 * 1024 * 1024;

/// Points of the picture, a byte each where it is looked at.
const MOST: usize = 100_000_000;

/// The text of the one QR code in the PNG file at `path`.
///
/// # Errors
/// The file cannot be read, or has none or several.
pub(super) fn read(app: &App<'_>, path: &Path) -> Result<Zeroizing<String>> {
    let shown = app.places.show(path);
    let no = |why: &str| {
        Error::new(Kind::Usage, format!("cannot read the QR code in {shown}"))
            .because(why.to_owned())
            .hint("take a picture of the whole code, as a PNG file")
    };
    let bytes = fs::read(path, LARGEST)?.map(Zeroizing::new);
    let bytes = bytes.ok_or_else(|| no("the file does not exist"))?;
    let (width, height, grey) = picture(&bytes).map_err(|why| no(&why))?;
    let mut image =
        PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    let mut texts = Vec::new();
    let mut why = None;
    for grid in image.detect_grids() {
        match grid.decode() {
            Ok((_, text)) => texts.push(Zeroizing::new(text)),
            Err(error) => why = Some(error.to_string()),
        }
    }
    match (texts.pop(), texts.is_empty(), why) {
        (Some(text), true, _) => Ok(text),
        (Some(_), false, _) => Err(no("it has more than one")),
        (None, _, Some(why)) => Err(no(&why)),
        (None, _, None) => Err(no("it has none")),
    }
}

/// Width, height, and how bright each point is.
fn picture(bytes: &[u8]) -> Result<(usize, usize, Zeroizing<Vec<u8>>), String> {
    let limits = Limits { bytes: LARGEST };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| said(&error))?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let size = reader.output_buffer_size();
    let size = size.filter(|_| {
        width
            .checked_mul(height)
            .is_some_and(|points| points <= MOST)
    });
    let size = size.ok_or_else(|| "the picture is too large".to_owned())?;
    let mut points = Zeroizing::new(Vec::new());
    points
        .try_reserve_exact(size)
        .map_err(|_| "there is not enough memory".to_owned())?;
    points.resize(size, 0);
    let frame = reader
        .next_frame(&mut points)
        .map_err(|error| said(&error))?;
    let samples = frame.color_type.samples();
    let grey = |point: &[u8]| match *point {
        [red, green, blue] => luma(red, green, blue),
        // What is not there is white, as on the page behind it.
        [grey, alpha] => over_white(grey, alpha),
        [red, green, blue, alpha] => over_white(luma(red, green, blue), alpha),
        _ => point.first().copied().unwrap_or_default(),
    };
    let rows = points.chunks_exact(frame.line_size).take(height);
    let grey = rows.flat_map(|row| row.chunks_exact(samples).take(width).map(grey));
    let grey = Zeroizing::new(grey.collect::<Vec<u8>>());
    match grey.len() == width * height {
        true => Ok((width, height, grey)),
        false => Err("the picture is not complete".to_owned()),
    }
}

fn said(error: &png::DecodingError) -> String {
    match error {
        png::DecodingError::Format(_) => "it is no PNG file, or a damaged one".to_owned(),
        png::DecodingError::LimitsExceeded => "the picture is too large".to_owned(),
        _ => "the picture is not complete".to_owned(),
    }
}

/// ITU-R BT.601, in parts of 256.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

fn over_white(grey: u8, alpha: u8) -> u8 {
    let sum = u32::from(grey) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
    u8::try_from(sum / 255).unwrap_or(u8::MAX)
}
