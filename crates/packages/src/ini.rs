//! Files that Python's `configparser` reads, edited without touching any other
//! byte.
//!
//! <https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>

use std::ops::Range;

use crate::edits::{Edits, Fault, Read};

/// A file's sections.
pub(super) struct Ini<'t> {
    text: &'t str,
    sections: Vec<Section<'t>>,
    /// What a program takes the name of an option for.
    named: fn(&str) -> String,
}

struct Section<'t> {
    name: &'t str,
    options: Vec<Setting>,
    /// Where the last line ends that says something, without its line break.
    end: usize,
}

/// An option and its value.
struct Setting {
    /// As the program that reads the file takes it.
    name: String,
    /// Without white space around it; may span lines.
    value: Range<usize>,
    /// How far its first line is indented, in characters.
    indent: usize,
}

impl<'t> Ini<'t> {
    /// Reads `text`, for a program that takes the name of an option for what
    /// `named` makes of it.
    ///
    /// # Errors
    /// What `configparser` would refuse too.
    pub(super) fn of(text: &'t str, named: fn(&str) -> String) -> Read<Self> {
        let mut ini = Self {
            text,
            sections: Vec::new(),
            named,
        };
        let mut in_option = false;
        for line in lines(text) {
            let whole = &text[line.clone()];
            let said = whole.trim();
            if said.is_empty() || said.starts_with(['#', ';']) {
                continue;
            }
            let start = line.start + (whole.len() - whole.trim_start().len());
            let indent = text[line.start..start].chars().count();
            let end = start + said.len();
            let continued = ini.open_option().filter(|_| in_option);
            if let Some(option) = continued
                && indent > option.indent
            {
                option.value.end = end;
                ini.reach(line.end);
                continue;
            }
            match said
                .strip_prefix('[')
                .and_then(|rest| rest.rsplit_once(']'))
            {
                Some((name, _)) if !name.is_empty() => {
                    in_option = false;
                    ini.sections.push(Section {
                        name,
                        options: Vec::new(),
                        end: line.end,
                    });
                }
                _ => {
                    in_option = true;
                    ini.option(start..end, indent)?;
                    ini.reach(line.end);
                }
            }
        }
        Ok(ini)
    }

    fn open_option(&mut self) -> Option<&mut Setting> {
        self.sections.last_mut()?.options.last_mut()
    }

    fn reach(&mut self, end: usize) {
        if let Some(section) = self.sections.last_mut() {
            section.end = end;
        }
    }

    fn option(&mut self, line: Range<usize>, indent: usize) -> Read<()> {
        let wrong =
            |why: &str| Err(Fault::new(line.clone(), "cannot be read").because(why.to_owned()));
        let said = &self.text[line.clone()];
        let Some(at) = said.find(['=', ':']) else {
            return wrong("this line is neither a [section] nor a setting with = or :");
        };
        let name = (self.named)(said[..at].trim_end());
        if name.is_empty() {
            return wrong("this setting has no name");
        }
        let value = said[at + 1..].trim_start();
        let start = line.end - value.len();
        let Some(section) = self.sections.last_mut() else {
            return wrong("this setting stands before the first [section]");
        };
        section.options.push(Setting {
            name,
            value: start..line.end,
            indent,
        });
        Ok(())
    }

    /// Whether there is a section called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.sections.iter().any(|section| section.name == name)
    }

    /// The values of an option, wherever it stands: `configparser` takes the
    /// last, or none where there are several.
    pub(super) fn values<'s>(
        &'s self,
        section: &'s str,
        option: &'s str,
    ) -> impl Iterator<Item = Range<usize>> + 's {
        let sections = self.sections.iter().filter(move |s| s.name == section);
        let options = sections.flat_map(|section| &section.options);
        let named = move |setting: &&Setting| setting.name == option;
        options.filter(named).map(|setting| setting.value.clone())
    }

    /// Makes `pairs` the options of `section`, which is added at the end of the
    /// file if there is none.
    pub(super) fn set(&self, edits: &mut Edits, section: &str, pairs: &[(&str, String)]) {
        let newline = self.newline();
        let mut new = String::new();
        for (option, value) in pairs {
            let mut found = false;
            for range in self.values(section, option) {
                found = true;
                if self.text[range.clone()] != **value {
                    edits.replace(range.clone(), self.spaced(&range, value));
                }
            }
            if !found {
                let space = if value.starts_with(newline) { "" } else { " " };
                new.push_str(&format!("{newline}{option} ={space}{value}"));
            }
        }
        if new.is_empty() {
            return;
        }
        let Some(found) = self.sections.iter().find(|s| s.name == section) else {
            let before = match self.text {
                _ if edits.adds() => newline,
                "" => "",
                text if text.ends_with(['\n', '\r']) => newline,
                _ => &newline.repeat(2),
            };
            edits.add(format!("{before}[{section}]{new}{newline}"));
            return;
        };
        let last = found.options.last();
        let deep = last.map_or(0, |setting| setting.indent);
        // Deeper than the last one it would continue its value.
        let new = match deep {
            0 => new,
            deep => {
                let indent = " ".repeat(deep);
                new.replace(newline, &format!("{newline}{indent}"))
            }
        };
        edits.replace(found.end..found.end, new);
    }

    /// `value` for `range`: with a space before it where there was nothing.
    fn spaced(&self, range: &Range<usize>, value: &str) -> String {
        let bare = self.text[..range.start].ends_with(['=', ':']);
        let empty = range.is_empty() && bare;
        if empty {
            format!(" {value}")
        } else {
            value.to_owned()
        }
    }

    /// What ends a line in this file.
    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }
}

/// The lines of `text`, without what ends them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    text.split(['\n', '\r']).map(move |line| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    })
}

/// `line` with stars for the value: it may be a password.
pub(super) fn shown(line: &str) -> String {
    let names_only = line.trim_start().starts_with('[');
    let end = line.find(['=', ':']).map(|at| at + 1);
    let end = if names_only {
        line.len()
    } else {
        end.unwrap_or(0)
    };
    let star = |c: char| if c.is_whitespace() { c } else { '*' };
    let hidden: String = line[end..].chars().map(star).collect();
    format!("{}{hidden}", &line[..end])
}
