//! `settings.xml` and the files of other package tools, as they are found and
//! left.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::{Child, Stdio};

use super::codeartifact::{DOMAIN, SETTINGS, XML, asked, configure, settings, stage, token};
use super::harness::Stage;
use super::support::{Checks, check, environment};

/// An entry that sets up `tools`.
fn tools(tools: &str) -> String {
    format!(
        r#"{{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": [{tools}]}}"#
    )
}

#[test]
fn mode_and_links_stay() {
    let stage = stage(DOMAIN);
    stage.write("dotfiles/maven.xml", XML);
    let real = stage.path("dotfiles/maven.xml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(stage.path(SETTINGS)).unwrap();
    symlink("../dotfiles/maven.xml", stage.path(SETTINGS)).unwrap();
    let before = fs::metadata(&real).unwrap();
    let ran = stage.run(&["codeartifact", "plain", "--print"]);
    check(
        &ran,
        &ran.stdout,
        "warning: other users can read ~/.m2/settings.xml (mode 0640), which now holds a token\n  \
         hint: keep it to yourself: chmod 600 ~/.m2/settings.xml\n",
        0,
    );
    let token = ran.stdout.trim_end();
    let link = fs::read_link(stage.path(SETTINGS)).unwrap();
    assert_eq!(link.to_str(), Some("../dotfiles/maven.xml"));
    assert_eq!(
        fs::read_to_string(&real).unwrap(),
        XML.replace("old", token)
    );
    let after = fs::metadata(&real).unwrap();
    assert_eq!((after.mode(), after.uid()), (before.mode(), before.uid()));
    // Nothing is left beside it.
    assert_eq!(stage.list("dotfiles"), ["maven.xml"]);
    assert_eq!(stage.list(".m2"), ["settings.xml"]);
}

#[test]
fn a_server_is_added_where_there_is_none_and_others_stay() {
    let stage = stage(&DOMAIN.replace('{', r#"{"id": "acme", "username": "me", "#));
    let token = token(&stage);
    let added = format!(
        "    </server>\n    <server>\n      <id>acme</id>\n      <username>me</username>\n      <password>{token}</password>\n    </server>\n"
    );
    assert_eq!(settings(&stage), XML.replacen("    </server>\n", &added, 1));
}

#[test]
fn a_file_that_is_not_xml_is_told_and_left_alone() {
    let stage = stage(DOMAIN);
    let xml = XML.replace("</server>", "");
    stage.write(SETTINGS, &xml);
    let ran = stage.run(&[
        "exec",
        "plain",
        "sh",
        "-c",
        "echo ${CODEARTIFACT_AUTH_TOKEN:+set}",
    ]);
    check(
        &ran,
        "set\n",
        "warning: maven has no new token: ~/.m2/settings.xml is not well-formed XML: \
         this end tag does not match the open tag of line 4\n --> ~/.m2/settings.xml:9:3\n  \
         |\n9 |   </servers>\n  |   ^\n  hint: look for an end tag that is missing between the two\n",
        0,
    );
    assert_eq!(settings(&stage), xml);
    // Who asked for just this part has not got it.
    let ran = stage.run(&["codeartifact", "plain"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 3));
    assert!(
        ran.stderr
            .starts_with("error: ~/.m2/settings.xml is not well-formed XML\n"),
        "{}",
        ran.stderr
    );
    let ran = stage.run(&["codeartifact", "plain", "--print"]);
    assert_eq!((ran.stdout.len() > 500, ran.status), (true, 3));
    // A file in its place that nobody can read as one.
    fs::remove_file(stage.path(SETTINGS)).unwrap();
    fs::create_dir(stage.path(SETTINGS)).unwrap();
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("works\n", 0));
    assert!(
        ran.stderr
            .starts_with("warning: maven has no new token: cannot read ~/.m2/settings.xml: "),
        "{}",
        ran.stderr
    );
}

/// Two roles with servers of their own start again and again at the same time.
#[test]
fn two_at_once_lose_nothing() {
    let entry = |profile: &str, domain: &str, id: &str| {
        format!(
            r#"{{"profile": "{profile}", "domain": "{domain}", "domain_owner": "123456789012", "region": "eu-west-1", "id": "{id}"}}"#
        )
    };
    let stage = stage(DOMAIN);
    let role = |name: &str, profile: &str| {
        format!(
            r#""{name}": {{"aws_profile": "{profile}", "aws_account": "123456789012", "aws_role": "plain"}}"#
        )
    };
    stage.write(
        ".assumerole",
        &format!(
            r#"{{"codeartifact": [{}, {}], "assume_roles": {{{}, {}}}}}"#,
            entry("base", "my-artifacts", "one"),
            entry("second", "other", "two"),
            role("a", "base"),
            role("b", "second")
        ),
    );
    for name in [".aws/credentials", ".aws/config"] {
        let text = fs::read_to_string(stage.path(name)).unwrap();
        stage.write(name, &format!("{text}{}", text.replace("base", "second")));
    }
    for round in 0..10 {
        stage.write(SETTINGS, XML);
        let start = |name: &&str| {
            let mut command = stage.command(&["codeartifact", name, "--print"]);
            command.stdout(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<Child> = ["a", "b", "a", "b"].iter().map(start).collect();
        let print = |child: Child| {
            let output = child.wait_with_output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let tokens: Vec<String> = children.into_iter().map(print).collect();
        let text = settings(&stage);
        for (id, token) in [("one", &tokens[0]), ("two", &tokens[1])] {
            let server = format!(
                "<id>{id}</id>\n      <username>aws</username>\n      <password>{}</password>",
                token.trim()
            );
            assert_eq!(text.matches(&server).count(), 1, "round {round}: {text}");
        }
        assert!(text.contains("<password>old</password>"));
    }
    assert_eq!(asked(&stage), 2);
}

/// The text of a file in the home folder, the token and the endpoints of this
/// run replaced by words.
fn tidy(stage: &Stage, file: &str, token: &str) -> String {
    let text = fs::read_to_string(stage.path(file)).unwrap_or_default();
    let host = stage.sandbox.endpoint().replace("http://", "");
    text.replace(token, "TOKEN").replace(&host, "HOST")
}

#[test]
fn each_tool_is_told_in_its_own_file() {
    let stage = stage(&tools(r#""npm", "pip", "twine", "nuget""#));
    stage.write(".npmrc", "fund=false\n");
    stage.write(
        ".config/pip/pip.conf",
        "[global]\nextra-index-url = https://pypi.example/simple\n",
    );
    let token = token(&stage);
    let at = "HOST/d/my-artifacts-123456789012/eu-central-1";
    let mut checks = Checks::default();
    for (file, text) in [
        (
            ".npmrc",
            format!(
                "fund=false\nregistry=http://{at}/npm/shop/\n//{at}/npm/shop/:_authToken=TOKEN\n"
            ),
        ),
        (
            ".config/pip/pip.conf",
            format!(
                "[global]\nextra-index-url = https://pypi.example/simple\nindex-url = http://aws:TOKEN@{at}/pypi/shop/simple/\n"
            ),
        ),
        (
            ".pypirc",
            format!(
                "[distutils]\nindex-servers =\n    pypi\n    codeartifact\n\n[codeartifact]\nrepository = http://{at}/pypi/shop/\nusername = aws\npassword = TOKEN\n"
            ),
        ),
        (
            ".nuget/NuGet/NuGet.Config",
            format!(
                "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <packageSources>\n    <add key=\"nuget.org\" value=\"https://api.nuget.org/v3/index.json\" protocolVersion=\"3\" />\n    <add key=\"my-artifacts/shop\" value=\"http://{at}/nuget/shop/v3/index.json\" />\n  </packageSources>\n  <packageSourceCredentials>\n    <my-artifacts_x002F_shop>\n      <add key=\"Username\" value=\"aws\" />\n      <add key=\"ClearTextPassword\" value=\"TOKEN\" />\n    </my-artifacts_x002F_shop>\n  </packageSourceCredentials>\n</configuration>\n"
            ),
        ),
    ] {
        checks.same(file, &tidy(&stage, file, &token), &text);
        let mode = fs::metadata(stage.path(file)).unwrap().mode() & 0o777;
        checks.same(file, &format!("{mode:o}"), "600");
    }
    // Maven is not among them.
    checks.same(SETTINGS, &settings(&stage), XML);
    checks.number("tokens", asked(&stage), 1);
    checks.number("endpoints", stage.sandbox.count("GetRepositoryEndpoint"), 3);
    let requests = stage.requests();
    super::codeartifact::token(&stage);
    checks.number("requests of a second time", stage.requests(), requests);
}

#[test]
fn tools_that_read_variables_get_variables() {
    let stage = stage(&tools(r#""gradle", "cargo""#));
    fs::remove_file(stage.path(SETTINGS)).unwrap();
    let ran = stage.run(&["exec", "plain", "env", "-0"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let env = environment(&ran.stdout);
    let token = &env["CODEARTIFACT_AUTH_TOKEN"];
    assert_eq!(env["ORG_GRADLE_PROJECT_codeartifactUsername"], "aws");
    assert_eq!(env["ORG_GRADLE_PROJECT_codeartifactPassword"], *token);
    assert_eq!(
        env["CARGO_REGISTRIES_SHOP_TOKEN"],
        format!("Bearer {token}")
    );
    assert_eq!(
        env["CARGO_REGISTRIES_SHOP_INDEX"],
        "sparse+$STS/d/my-artifacts-123456789012/eu-central-1/cargo/shop/"
    );
    assert!(!stage.path(".cargo").exists() && !stage.path(".gradle").exists());
}

#[test]
fn what_a_person_has_for_other_registries_is_told_and_left_alone() {
    let stage = stage(&tools(r#""npm", "pip""#));
    let npmrc = "registry=https://registry.example/\n";
    let pip = "[global]\nindex-url = https://me:hush@pypi.example/simple\n";
    stage.write(".npmrc", npmrc);
    stage.write(".config/pip/pip.conf", pip);
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    check(
        &ran,
        "works\n",
        "warning: npm has no new token: ~/.npmrc names another registry, which is left as it is\n \
         --> ~/.npmrc:1:10\n  |\n1 | registry=*************************\n  |          ^^^^^^^^^^^^^^^^^^^^^^^^^\n  \
         hint: remove that line, name a \"namespace\", or leave npm out of \"tools\" in ~/.assumerole\n\
         warning: pip has no new token: ~/.config/pip/pip.conf names another index, which is left as it is\n \
         --> ~/.config/pip/pip.conf:2:13\n  |\n2 | index-url = ***********************************\n  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  \
         hint: remove it there, or leave pip out of \"tools\" in ~/.assumerole\n",
        0,
    );
    assert_eq!(fs::read_to_string(stage.path(".npmrc")).unwrap(), npmrc);
    assert_eq!(
        fs::read_to_string(stage.path(".config/pip/pip.conf")).unwrap(),
        pip
    );

    // A scope of its own is none of theirs.
    let scoped = tools(r#""npm""#).replace('{', r#"{"namespace": "@acme", "#);
    configure(&stage, &scoped);
    let token = token(&stage);
    let at = "HOST/d/my-artifacts-123456789012/eu-central-1/npm/shop/";
    assert_eq!(
        tidy(&stage, ".npmrc", &token),
        format!("{npmrc}@acme:registry=http://{at}\n//{at}:_authToken=TOKEN\n")
    );
}

/// npm takes a scope as it is written: `@Acme` and `@acme` are two.
#[test]
fn scopes_of_npm_have_the_capitals_that_somebody_gave_them() {
    let mut checks = Checks::default();
    let other = "=https://registry.example/\n";
    let marks = "^".repeat(other.len() - 2);
    for (namespace, there, written) in [
        (r#""@Acme""#, "", &["@Acme"][..]),
        (r#""Acme""#, "", &["@Acme"]),
        (r#""@acme""#, "", &["@acme"]),
        (r#"["@Old.Tools_1~a", "@x"]"#, "", &["@Old.Tools_1~a", "@x"]),
        (r#"["@Acme", "@acme"]"#, "", &["@Acme", "@acme"]),
        // Another one stands in nobody's way, and this one in its own.
        (r#""@Acme""#, "@acme", &["@Acme"]),
        (r#""@Acme""#, "@Acme", &[]),
    ] {
        let case = format!("{namespace} {there}");
        let scoped = tools(r#""npm""#).replace('{', &format!("{{\"namespace\": {namespace}, "));
        let stage = stage(&scoped);
        let before = match there {
            "" => String::new(),
            scope => format!("{scope}:registry{other}"),
        };
        stage.write(".npmrc", &before);
        let ran = stage.run(&["exec", "plain", "echo", "works"]);
        let said = match written {
            [] => format!(
                "warning: npm has no new token: ~/.npmrc names another {there}:registry, which is left as it is\n \
                 --> ~/.npmrc:1:16\n  |\n1 | {there}:**********************************\n  |                {marks}\n  \
                 hint: remove that line, or take the scope out of \"namespace\" in ~/.assumerole\n"
            ),
            _ => String::new(),
        };
        checks.ran(&case, &ran, "works\n", &said, 0);
        let at = "HOST/d/my-artifacts-123456789012/eu-central-1/npm/shop/";
        let lines = written
            .iter()
            .map(|scope| format!("{scope}:registry=http://{at}\n"));
        let mut expected = before + &lines.collect::<String>();
        if !written.is_empty() {
            expected += &format!("//{at}:_authToken=TOKEN\n");
        }
        let token = match written {
            [] => "there is none".to_owned(),
            _ => token(&stage),
        };
        checks.same(&case, &tidy(&stage, ".npmrc", &token), &expected);
    }
}

#[test]
fn the_places_that_tools_look_at_are_theirs() {
    let stage = stage(&tools(r#""npm", "pip", "nuget""#));
    stage.write("npmrc", "");
    stage.write(".config/NuGet/NuGet.Config", "<configuration />");
    let ran = stage.run_in(
        &["exec", "plain", "true"],
        &[
            (
                "NPM_CONFIG_USERCONFIG",
                stage.path("npmrc").to_str().unwrap(),
            ),
            ("XDG_CONFIG_HOME", stage.path("xdg").to_str().unwrap()),
        ],
    );
    check(&ran, "", "", 0);
    for file in ["npmrc", "xdg/pip/pip.conf", ".config/NuGet/NuGet.Config"] {
        assert!(tidy(&stage, file, "x").contains("HOST"), "{file}");
    }
    for file in [".npmrc", ".config/pip", ".nuget"] {
        assert!(!stage.path(file).exists(), "{file}");
    }
}

#[test]
fn a_repository_that_is_not_there_is_told() {
    let stage = stage(&tools(r#""npm""#).replace("shop", "shelf"));
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("works\n", 0));
    assert!(
        ran.stderr.starts_with(
            "warning: no CodeArtifact token: An error occurred (ResourceNotFoundException) when calling \
             the GetRepositoryEndpoint operation: "
        ) && ran.stderr.ends_with(
            "\n  hint: check domain, domain_owner, repository and region of codeartifact in ~/.assumerole: \
             it is domain my-artifacts of 123456789012 in eu-central-1\n"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(asked(&stage), 0);
}
