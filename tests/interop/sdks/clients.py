"""Programs in other languages that get credentials as their SDK gets them by
itself, and again with each line that they read; they print the key and the account.

Each takes a folder and gives the command to run. What a plain Debian cannot get
is used where it stands: its SDK comes by its own package manager.
"""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import threading

import home

# Longer than a slow registry needs.
PATIENCE = 240
# Longer than a client needs for an answer.
ANSWER = 60


class Missing(Exception):
    """Why a language is left out."""


def tool(name, *places):
    found = shutil.which(name) or next((p for p in places if pathlib.Path(p).is_file()), None)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def made(*command, folder, patience=PATIENCE):
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=patience
        )
    except subprocess.TimeoutExpired as late:
        raise Missing(f"{command[0]} took longer than {patience} s") from late
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"its SDK cannot be fetched: {lines[-1] if lines else done.returncode}")


def boto3(folder):
    script = """import sys
import boto3
credentials = boto3.Session().get_credentials()
for _ in sys.stdin:
    got = credentials.get_frozen_credentials()
    print(got.access_key, got.account_id, flush=True)
"""
    return [sys.executable, "-c", script]


def aws_cli(folder):
    """It is started anew with each line, and shows the end of the key."""
    aws = shlex.join([sys.executable, f"{home.BIN}/aws"])
    take = "awk '$1 == \"access_key\" { sub(/^\\*+/, \"\", $2); print $2, \"-\" }'"
    return ["sh", "-c", f"while read line; do {aws} configure list | {take}; done"]


def javascript(folder):
    npm, node = tool("npm"), tool("node")
    folder.mkdir()
    options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    made(npm, "install", *options, "@aws-sdk/credential-provider-node@3.972.0", folder=folder)
    (folder / "main.js").write_text(
        """const { defaultProvider } = require("@aws-sdk/credential-provider-node");
const provider = defaultProvider();
require("readline").createInterface({ input: process.stdin }).on("line", async () => {
    const got = await provider();
    console.log(got.accessKeyId, got.accountId);
});
""",
        encoding="utf-8",
    )
    return [node, str(folder / "main.js")]


def go(folder):
    program = tool("go", "/usr/local/go/bin/go")
    folder.mkdir()
    (folder / "main.go").write_text(
        """package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		got, err := settings.Credentials.Retrieve(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(got.AccessKeyID, got.AccountID)
	}
}
""",
        encoding="utf-8",
    )
    made(program, "mod", "init", "main", folder=folder)
    made(program, "get", "github.com/aws/aws-sdk-go-v2/config@v1.32.0", folder=folder)
    made(program, "build", "-o", "main", ".", folder=folder)
    return [str(folder / "main")]


def java(folder):
    """With an argument, so many threads ask at once."""
    maven, program, compiler = tool("mvn"), tool("java"), tool("javac")
    folder.mkdir()
    (folder / "pom.xml").write_text(
        """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test</groupId><artifactId>test</artifactId><version>1</version>
<dependencies><dependency><groupId>software.amazon.awssdk</groupId><artifactId>auth</artifactId>
<version>2.42.0</version></dependency></dependencies></project>
""",
        encoding="utf-8",
    )
    (folder / "Main.java").write_text(
        """import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

class Main {
    static final DefaultCredentialsProvider PROVIDER = DefaultCredentialsProvider.create();

    static void ask() {
        var got = PROVIDER.resolveCredentials();
        synchronized (System.out) {
            System.out.println(got.accessKeyId() + " " + got.accountId().orElse("-"));
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            var number = Integer.parseInt(arguments[0]);
            var threads = IntStream.range(0, number).mapToObj(n -> new Thread(Main::ask)).toList();
            threads.forEach(Thread::start);
            for (var thread : threads) {
                thread.join();
            }
            return;
        }
        var lines = new BufferedReader(new InputStreamReader(System.in));
        while (lines.readLine() != null) {
            ask();
        }
    }
}
""",
        encoding="utf-8",
    )
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"
    made(maven, "-q", "-B", goal, "-Dmdep.outputFile=classpath", folder=folder)
    classpath = (folder / "classpath").read_text(encoding="utf-8").strip()
    made(compiler, "-cp", classpath, "Main.java", folder=folder)
    return [program, "-cp", f"{folder}:{classpath}", "Main"]


def rust(folder):
    """It asks anew with each line: what keeps credentials is a client of a service. Its
    crates are compiled once, beside the programs under test."""
    program = tool("cargo")
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(
        """[package]
name = "sdk-client"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
aws-config = { version = "=1.8.13", default-features = false, features = ["rt-tokio", "credentials-process"] }
aws-credential-types = "1"
aws-smithy-http-client = { version = "1", default-features = false, features = ["default-client"] }
tokio = { version = "1", features = ["rt"] }

[profile.dev]
debug = false
""",
        encoding="utf-8",
    )
    (folder / "src/main.rs").write_text(
        """use std::io::BufRead;

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The server speaks no TLS.
    let client = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(client).load();
    let provider = runtime.block_on(config).credentials_provider().unwrap();
    for _ in std::io::stdin().lock().lines() {
        let got = runtime.block_on(provider.provide_credentials()).unwrap();
        let account = got.account_id().map_or("-".to_owned(), |id| id.as_str().to_owned());
        println!("{} {account}", got.access_key_id());
    }
}
""",
        encoding="utf-8",
    )
    target = pathlib.Path(os.environ["ASSUMEROLE_TEST_BIN"]).parents[1] / "sdks"
    # A hundred crates on a busy machine.
    made(program, "build", "--quiet", "--target-dir", str(target), folder=folder, patience=3 * PATIENCE)
    return [str(target / "debug/sdk-client")]


def built(folder):
    """The command of each, by its name; those that cannot be had are told."""
    commands = {}
    for name, client in [
        ("boto3", boto3),
        ("the AWS CLI", aws_cli),
        ("JavaScript", javascript),
        ("Go", go),
        ("Java", java),
        ("Rust", rust),
    ]:
        try:
            commands[name] = client(folder / name)
        except Missing as why:
            print(f"{name}: left out, {why}")
    return commands


class Asked:
    """A client that runs, and is asked now and then."""

    def __init__(self, name, command, folder, env):
        self.name, self.errors = name, (folder / f"{name}.errors").open("w+", encoding="utf-8")
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=pipe, stdout=pipe, stderr=self.errors, text=True, start_new_session=True
        )

    def ask(self):
        """The key and the account that it has now."""
        hangs = threading.Timer(ANSWER, self.process.kill)
        hangs.start()
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline().split()
        except BrokenPipeError:
            line = []
        hangs.cancel()
        if not line:
            self.errors.seek(0)
            raise home.Differs(f"{self.name} got no credentials:\n{self.errors.read()}")
        return line[0], line[1]

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(home.PATIENCE)
        self.errors.close()
