// Gets a token as kubectl does and a login as Docker does, and says whose they are:
//
//	main ASSUMEROLE VERSION HELPER REGISTRY
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"

	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

// whose asks STS, as a cluster does.
func whose(token string) string {
	encoded := strings.TrimPrefix(token, "Bearer k8s-aws-v1.")
	url, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return err.Error()
	}
	request, err := http.NewRequest("GET", string(url), nil)
	if err != nil {
		return err.Error()
	}
	request.Header.Set("x-k8s-aws-id", "acme-1")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	found := regexp.MustCompile("<Arn>(.*)</Arn>").FindSubmatch(text)
	if found == nil {
		return string(text)
	}
	return string(found[1])
}

func main() {
	cluster := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, whose(r.Header.Get("Authorization")))
	}))
	defer cluster.Close()
	config := &rest.Config{
		Host:            cluster.URL,
		TLSClientConfig: rest.TLSClientConfig{Insecure: true},
		ExecProvider: &api.ExecConfig{
			Command:         os.Args[1],
			Args:            []string{"eks-token", "read", "acme-1"},
			APIVersion:      "client.authentication.k8s.io/" + os.Args[2],
			InteractiveMode: api.IfAvailableExecInteractiveMode,
		},
	}
	kubernetes, err := rest.HTTPClientFor(config)
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), "GET", cluster.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	answer, err := kubernetes.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))

	helper := client.NewShellProgramFunc(os.Args[3])
	login, err := client.Get(helper, os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(login.ServerURL, login.Username, len(login.Secret) > 100)
	_, err = client.Get(helper, "https://index.docker.io/v1/")
	fmt.Println("not found:", credentials.IsErrCredentialsNotFound(err))
	if err := client.Erase(helper, os.Args[4]); err != nil {
		log.Fatal(err)
	}
}
