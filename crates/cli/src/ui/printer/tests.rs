use std::sync::Arc;

use super::*;

/// A stream whose bytes can be looked at, or that refuses them.
#[derive(Clone, Default)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    refuses: Option<io::ErrorKind>,
}

impl Stream {
    fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.refuses {
            Some(kind) => Err(kind.into()),
            None => self.bytes.lock().unwrap().write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn printer(settings: Settings) -> (Printer, Stream, Stream) {
    let (out, err) = (Stream::default(), Stream::default());
    let printer = Printer::with_streams(Box::new(out.clone()), Box::new(err.clone()), settings);
    (printer, out, err)
}

fn talk_a_lot(printer: &Printer) {
    printer.note("noted");
    printer.warning(&Warning::new("mind"));
    printer.error(&Error::new(Kind::Failed, "broken"));
    printer.data("data\n").unwrap();
}

#[test]
fn data_and_talk_do_not_mix() {
    let (printer, out, err) = printer(Settings::default());
    talk_a_lot(&printer);
    assert_eq!(out.text(), "data\n");
    assert_eq!(err.text(), "noted\nwarning: mind\nerror: broken\n");
}

#[test]
fn quiet_leaves_data_and_errors() {
    let (printer, out, err) = printer(Settings {
        quiet: true,
        err_width: Some(80),
        ..Settings::default()
    });
    talk_a_lot(&printer);
    assert_eq!(out.text(), "data\n");
    assert_eq!(err.text(), "error: broken\n");
}

#[test]
fn data_is_not_touched_and_talk_is_made_harmless() {
    let (printer, out, err) = printer(Settings {
        home: Some("/home/jo".to_owned()),
        ..Settings::default()
    });
    let text = "export X='/home/jo\u{1b}[31m'\r\n";
    printer.data(text).unwrap();
    printer.note("read /home/jo/x\u{1b}[2J\n\n");
    assert_eq!(out.text(), text);
    assert_eq!(err.text(), "read ~/x\u{fffd}[2J\n");
}

#[test]
fn a_refused_write_is_a_value() {
    for (kind, gone) in [
        (io::ErrorKind::BrokenPipe, true),
        (io::ErrorKind::StorageFull, false),
    ] {
        let stream = Stream {
            refuses: Some(kind),
            ..Stream::default()
        };
        let settings = Settings::default();
        let printer = Printer::with_streams(Box::new(stream.clone()), Box::new(stream), settings);
        // Nothing to be done about a closed stderr.
        printer.note("noted");
        let error = printer.data("x").unwrap_err();
        assert_eq!(error.reader_gone(), gone);
        let error = Error::from(error);
        assert_eq!(error.message(), "cannot write to standard output");
        assert_eq!(error.causes().len(), 1);
    }
}

#[test]
fn help_is_data() {
    let mut command = clap::Command::new("x").arg(clap::Arg::new("y").required(true));
    let (printer, out, err) = printer(Settings::default());
    printer.help(&command.render_help()).unwrap();
    assert!(out.text().starts_with("Usage: x <y>\n"), "{}", out.text());
    assert_eq!(err.text(), "");
    assert!(!out.text().contains('\u{1b}'));
}
