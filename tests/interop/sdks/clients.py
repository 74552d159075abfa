"""Programs in other languages that print the key and the account that they got.

Each takes a folder and gives the command to run. What a plain Debian cannot get
is used where it stands: its SDK comes by its own package manager.
"""

import pathlib
import shutil
import subprocess

# Longer than a slow registry needs.
PATIENCE = 240


class Missing(Exception):
    """Why a language is left out."""


def tool(name, *places):
    found = shutil.which(name) or next((p for p in places if pathlib.Path(p).is_file()), None)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def made(*command, folder):
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as late:
        raise Missing(f"{command[0]} took longer than {PATIENCE} s") from late
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"its SDK cannot be fetched: {lines[-1] if lines else done.returncode}")


def javascript(folder):
    npm, node = tool("npm"), tool("node")
    folder.mkdir()
    options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    made(npm, "install", *options, "@aws-sdk/credential-provider-process@3.972.0", folder=folder)
    (folder / "main.js").write_text(
        """const { fromProcess } = require("@aws-sdk/credential-provider-process");
fromProcess({ profile: "acme" })().then((got) => console.log(got.accessKeyId, got.accountId));
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
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	got, err := settings.Credentials.Retrieve(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got.AccessKeyID, got.AccountID)
}
""",
        encoding="utf-8",
    )
    made(program, "mod", "init", "main", folder=folder)
    made(program, "get", "github.com/aws/aws-sdk-go-v2/config@v1.32.0", folder=folder)
    made(program, "build", "-o", "main", ".", folder=folder)
    return [str(folder / "main")]


def java(folder):
    maven, program = tool("mvn"), tool("java")
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
        """import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;

class Main {
    public static void main(String[] arguments) {
        var got = ProfileCredentialsProvider.create("acme").resolveCredentials();
        System.out.println(got.accessKeyId() + " " + got.accountId().orElse(""));
    }
}
""",
        encoding="utf-8",
    )
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"
    made(maven, "-q", "-B", goal, "-Dmdep.outputFile=classpath", folder=folder)
    classpath = (folder / "classpath").read_text(encoding="utf-8").strip()
    return [program, "-cp", classpath, str(folder / "Main.java")]


ALL = [("JavaScript", javascript), ("Go", go), ("Java", java)]
