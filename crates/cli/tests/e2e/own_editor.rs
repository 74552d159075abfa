//! `edit NAME` without flags: the role in the person's editor.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::harness::{CONFIG, Stage};
use super::support::Checks;
use super::terminal::{CTRL_C, Terminal};

fn file(stage: &Stage) -> String {
    fs::read_to_string(stage.path(".assumerole")).unwrap()
}

/// An editor that runs `script` with the file as `$1`.
fn editor(stage: &Stage, script: &str) -> String {
    stage.script("an editor", &format!("#!/bin/sh\nset -e\n{script}\n"))
}

fn quoted(path: &str) -> String {
    format!("'{path}' -x")
}

#[test]
fn what_is_saved_takes_the_place_of_the_role() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let plain = "{\n      \"aws_profile\": \"base\",\n      \"aws_account\": \"123456789012\",\n      \"aws_role\": \"plain\"\n    }";
    let note = "role plain is changed, at ~/.assumerole:11:5\n";
    for (case, script, entry, said, status) in [
        (
            "a value",
            r#"sed -i s/plain/other/ "$2""#,
            plain.replace("plain", "other"),
            note.to_owned(),
            0,
        ),
        (
            "all of it, saved by another file",
            r#"printf '\n {"aws_profile":"base", "aws_role": "x",\n"aws_account" : "123456789012"}\n\n' >"$2.new"; chmod 644 "$2.new"; mv "$2.new" "$2""#,
            "{\"aws_profile\":\"base\", \"aws_role\": \"x\",\n\"aws_account\" : \"123456789012\"}".to_owned(),
            note.to_owned(),
            0,
        ),
        ("nothing", "true", plain.to_owned(), "nothing was changed\n".to_owned(), 0),
        (
            "saved without a change",
            r#"cp "$2" x && cp x "$2" && rm x"#,
            plain.to_owned(),
            "nothing was changed\n".to_owned(),
            0,
        ),
        (
            "the editor fails",
            r#"echo >"$2"; exit 3"#,
            plain.to_owned(),
            "error: the editor ~/an editor ended with status 3; nothing was written\n".to_owned(),
            1,
        ),
        (
            "the editor removes it",
            r#"rm "$2""#,
            plain.to_owned(),
            "error: the editor ~/an editor removed its file; nothing was written\n".to_owned(),
            1,
        ),
        (
            "the file changes meanwhile, elsewhere",
            r#"sed -i s/plain/other/ "$2"; sed -i '1s/{/{ "print_exports": true,/' ~/.assumerole"#,
            plain.replace("plain", "other"),
            note.to_owned(),
            0,
        ),
        (
            "no JSON, and nobody to ask",
            r#"sed -i '/aws_role/s/$/,/' "$2""#,
            plain.to_owned(),
            "error: trailing comma before }\n --> COPY:4:26\n  |\n4 |       \"aws_role\": \"plain\",\n  |                          ^\n  = because: JSON allows none after the last entry\n  hint: remove the comma\n".to_owned(),
            3,
        ),
        (
            "no role, and nobody to ask",
            r#"sed -i '/aws_role/s/plain/a b/' "$2""#,
            plain.to_owned(),
            String::new(),
            3,
        ),
        (
            "no such role to come by",
            r#"sed -i 's/"aws_profile": "base"/"via": "nobody"/' "$2""#,
            plain.to_owned(),
            String::new(),
            4,
        ),
        (
            "two roles",
            r#"printf ', "b": {}' >>"$2""#,
            plain.to_owned(),
            String::new(),
            3,
        ),
    ] {
        stage.write(".assumerole", CONFIG);
        let program = editor(&stage, script);
        let variables = [("EDITOR", "false"), ("VISUAL", &quoted(&program))];
        let ran = stage.run_in(&["edit", "plain"], &variables);
        let copy = ran.stderr.find("~/.assumerole.d/edit/plain-");
        let shown = match copy {
            Some(from) => {
                let to = from + ran.stderr[from..].find(".json").unwrap() + 5;
                ran.stderr.replace(&ran.stderr[from..to], "COPY")
            }
            None => ran.stderr.clone(),
        };
        if !said.is_empty() {
            checks.same(case, &shown, &said);
        }
        checks.number(case, ran.status as usize, status);
        let wanted = CONFIG.replace(plain, &entry);
        let found = file(&stage).replace("{ \"print_exports\": true,", "{");
        checks.same(case, &found, &wanted);
        checks.number("nothing is left", stage.list(".assumerole.d/edit").len(), 0);
    }
}

#[test]
fn what_somebody_else_did_to_the_role_is_not_undone() {
    let stage = Stage::new();
    let program = editor(
        &stage,
        r#"sed -i s/plain/mine/ "$2"; sed -i 's/"aws_role": "plain"/"aws_role": "theirs"/' ~/.assumerole"#,
    );
    let ran = stage.run_in(&["edit", "plain"], &[("EDITOR", &quoted(&program))]);
    let left = stage.list(".assumerole.d/edit");
    assert_eq!(left.len(), 1);
    let mut checks = Checks::default();
    let said = format!(
        "error: role plain was changed meanwhile\n  because: nothing was written\n  hint: edit it as it is now: assumerole edit plain\n  hint: find what you wrote in ~/.assumerole.d/edit/{}\n",
        left[0]
    );
    checks.ran("the run", &ran, "", &said, 1);
    checks.same(
        "file",
        &file(&stage),
        &CONFIG.replace("\"aws_role\": \"plain\"", "\"aws_role\": \"theirs\""),
    );
    let kept = stage.path(".assumerole.d/edit").join(&left[0]);
    checks.same(
        "kept",
        &fs::read_to_string(&kept)
            .unwrap()
            .contains("mine")
            .to_string(),
        "true",
    );
    let mode = fs::metadata(&kept).unwrap().permissions().mode();
    checks.number("mode", (mode & 0o077) as usize, 0);
}

#[test]
fn the_copy_is_the_role_alone_for_nobody_else_to_read() {
    let stage = Stage::new();
    let program = editor(
        &stage,
        r#"cat "$2" >~/seen; stat -c %a "$2" "$(dirname "$2")" >~/modes; touch "$2~" "$(dirname "$2")/.$(basename "$2").swp""#,
    );
    let ran = stage.run_in(&["edit", "read"], &[("EDITOR", &quoted(&program))]);
    let mut checks = Checks::default();
    checks.ran("the run", &ran, "", "nothing was changed\n", 0);
    let seen = fs::read_to_string(stage.path("seen")).unwrap();
    let from = CONFIG.find("\"read\": ").unwrap() + 8;
    let to = CONFIG.find(",\n    \"plain\"").unwrap();
    checks.same("seen", &seen, &format!("{}\n", &CONFIG[from..to]));
    checks.same(
        "modes",
        &fs::read_to_string(stage.path("modes")).unwrap(),
        "600\n700\n",
    );
    checks.number("nothing is left", stage.list(".assumerole.d/edit").len(), 0);
}

#[test]
fn without_an_editor_it_is_told_how() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let told = "error: no editor is named: neither VISUAL nor EDITOR is set\n  hint: name one: EDITOR=vi assumerole edit plain\n  hint: change the role by flags: assumerole edit --region eu-west-1 plain\n";
    let missing = "error: no-such-editor: command not found\n  hint: correct what $EDITOR names\n";
    let quote =
        "error: $VISUAL cannot be split into words: \"'x\"\n  because: missing closing quote\n";
    for (variables, said, status) in [
        (vec![], told, 2),
        (vec![("VISUAL", ""), ("EDITOR", " ")], told, 2),
        (
            vec![("VISUAL", ""), ("EDITOR", "no-such-editor")],
            missing,
            1,
        ),
        (vec![("VISUAL", "'x"), ("EDITOR", "true")], quote, 2),
    ] {
        let ran = stage.run_in(&["edit", "plain"], &variables);
        checks.ran(&format!("{variables:?}"), &ran, "", said, status);
    }
    checks.same("file", &file(&stage), CONFIG);
}

#[test]
fn a_wrong_one_is_offered_again() {
    let stage = Stage::new();
    // The first time it is made wrong, then right.
    let program = editor(
        &stage,
        r#"if grep -q ,, "$2"; then sed -i 's/,,/,/; s/plain/other/' "$2"; else sed -i 's/"base",/"base",,/' "$2"; fi; test -t 0; test -t 1; echo "edits $2" >/dev/tty"#,
    );
    let run = format!("EDITOR=\"'{program}' -x\" assumerole edit plain >out 2>err");
    for (keys, changed, status) in [("y\r", true, 0), ("\r", true, 0), ("n\r", false, 130)] {
        stage.write(".assumerole", CONFIG);
        let mut terminal = Terminal::running(&stage, &run);
        terminal.sees("Edit it again? [Y/n]");
        terminal.types(keys);
        assert_eq!(terminal.ends(), status, "{keys:?}");
        let wanted = CONFIG.replace("\"aws_role\": \"plain\"", "\"aws_role\": \"other\"");
        assert_eq!(
            file(&stage),
            if changed { wanted } else { CONFIG.to_owned() }
        );
        assert!(
            fs::read_to_string(stage.path("err"))
                .unwrap()
                .contains("hint: remove")
        );
    }
    stage.write(".assumerole", CONFIG);
    let mut terminal = Terminal::running(
        &stage,
        "EDITOR=\"'$HOME/an editor' -x\" assumerole edit plain",
    );
    terminal.sees("[Y/n]");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    assert_eq!(file(&stage), CONFIG);
    assert!(stage.list(".assumerole.d/edit").is_empty());
}

/// Ctrl-C is for the editor, where it does something with it.
#[test]
fn ctrl_c_ends_an_editor_that_does_not_mind_and_no_other() {
    let stage = Stage::new();
    let run = |stage: &Stage| {
        let path = stage.path("an editor");
        Terminal::running(
            stage,
            &format!(
                "export EDITOR=\"'{}' -x\"; exec assumerole edit plain",
                path.display()
            ),
        )
    };
    editor(&stage, "echo ready; exec sleep 1000");
    let mut terminal = run(&stage);
    terminal.sees("ready");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    editor(
        &stage,
        r#"trap 'sed -i s/plain/other/ "$2"; exit 0' INT; echo ready; read line"#,
    );
    let mut terminal = run(&stage);
    terminal.sees("ready");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends(), 0);
    assert!(file(&stage).contains("\"other\""));
    assert!(stage.list(".assumerole.d/edit").is_empty());
}
