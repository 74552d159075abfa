use super::*;

/// The variables that are set, with their lines.
fn sets(language: Language, text: &str) -> Vec<(usize, String)> {
    let acts = language.acts(text).into_iter();
    acts.filter_map(|found| match found.act {
        Act::Set { name, .. } => Some((found.line, name)),
        Act::Source(_) => None,
    })
    .collect()
}

#[test]
fn what_is_run_in_any_case_is_found() {
    for (language, line) in [
        (Language::Posix, "export A=b"),
        (Language::Posix, "  export A='b c' # why"),
        (Language::Posix, "export A=\"b\""),
        (Language::Posix, "export X=1 A=b"),
        (Language::Posix, "export A=b;"),
        (Language::Posix, "A=b"),
        (Language::Posix, "declare -x A=b"),
        (Language::Posix, "typeset -gx A=b"),
        (Language::Fish, "set -gx A b"),
        (Language::Fish, "set -x -g A 'b'"),
        (Language::Fish, "set --global --export A b"),
        (Language::Fish, "set A b"),
        (Language::Csh, "setenv A b"),
        (Language::Nu, "$env.A = 'b'"),
        (Language::Elvish, "set-env A b"),
        (Language::Elvish, "set E:A = b"),
    ] {
        let found = sets(language, &format!("# first\n{line}\n"));
        assert!(found.contains(&(2, "A".to_owned())), "{line}: {found:?}");
    }
}

#[test]
fn what_may_not_be_run_is_left_alone() {
    for (language, text) in [
        (Language::Posix, "[ -n \"$AWS_ACCOUNT\" ] || export A=b"),
        (Language::Posix, "test x && export A=b"),
        (Language::Posix, "if true; then\n  export A=b\nfi"),
        (Language::Posix, "if true; then export A=b; fi"),
        (Language::Posix, "f() {\n  export A=b\n}"),
        (Language::Posix, "f() { export A=b; }"),
        (Language::Posix, "function f {\n export A=b\n}"),
        (Language::Posix, "case $x in\n a) export A=b ;;\nesac"),
        (Language::Posix, "for x in 1; do\nexport A=b\ndone"),
        (Language::Posix, "A=b aws s3 ls"),
        (Language::Posix, "alias a='export A=b'"),
        (Language::Posix, "cat <<EOF\nexport A=b\nEOF"),
        (Language::Posix, "cat <<-'E F'\nexport A=b"),
        (Language::Posix, "echo \\\nexport A=b"),
        (Language::Posix, "# export A=b"),
        (Language::Posix, "echo 'export A=b"),
        (Language::Posix, "unset A"),
        (Language::Fish, "if true\n set -gx A b\nend"),
        (Language::Fish, "function f\n set -gx A b\nend"),
        (Language::Fish, "set -q A; or set -gx A b"),
        (Language::Fish, "set -q A"),
        (Language::Fish, "set -e A"),
        (Language::Fish, "set -l A b"),
        (Language::Csh, "if ( ! $?A ) setenv A b"),
        (Language::Csh, "if ( 1 ) then\nsetenv A b\nendif"),
        (Language::Nu, "def f [] {\n $env.A = 'b'\n}"),
        (Language::Elvish, "fn f {\n set-env A b\n}"),
    ] {
        let found = sets(language, text);
        assert!(
            !found.iter().any(|(_, name)| name == "A"),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn what_stands_behind_a_block_is_found_and_the_last_of_several_wins() {
    let text =
        "f() {\n  x\n}\nif a; then\n  if b; then c; fi\nelse\n  d\nfi\nexport A=1\nexport A=2\n";
    assert_eq!(sets(Language::Posix, text), [(10, "A".to_owned())]);
    let text = "function f\n  if x\n  end\nend\nset -gx A b\n";
    assert_eq!(sets(Language::Fish, text), [(5, "A".to_owned())]);
}

#[test]
fn another_file_is_named() {
    let acts = Language::Posix.acts(". ~/.aws_env\nsource \"$HOME/x\"\n[ -f y ] && . y\n");
    let files: Vec<&Act> = acts.iter().map(|found| &found.act).collect();
    assert_eq!(
        files,
        [
            &Act::Source("~/.aws_env".to_owned()),
            &Act::Source("$HOME/x".to_owned())
        ]
    );
}

/// Whatever stands there, it is read to its end.
#[test]
fn nonsense_is_passed_over() {
    for text in [
        "",
        "}",
        "fi\nfi\nend",
        "\u{0}",
        "export",
        "set",
        "=",
        "<<",
        "cat <<",
        "'",
        "\\",
    ] {
        for language in [
            Language::Posix,
            Language::Fish,
            Language::Csh,
            Language::Nu,
            Language::Elvish,
        ] {
            assert!(sets(language, text).is_empty(), "{text:?}");
        }
    }
}

/// As Debian's `.bashrc` has it, which everybody starts with.
#[test]
fn a_line_of_punctuation_alone_is_passed_over() {
    let debian =
        "case \"$TERM\" in\nxterm*|rxvt*)\n    PS1=x\n    ;;\n*)\n    ;;\nesac\nexport A=b\n";
    assert_eq!(sets(Language::Posix, debian), [(8, "A".to_owned())]);
    for language in [
        Language::Posix,
        Language::Fish,
        Language::Csh,
        Language::Nu,
        Language::Elvish,
    ] {
        for line in [
            ";", ";;", "; ;", ";;&", ";&", "\\", "(", ")", "{", "}", "&", "|", "<<", "; #", "=",
        ] {
            assert_eq!(sets(language, line), [], "{language:?}: {line}");
        }
    }
}
