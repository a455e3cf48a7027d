package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/proto/client"
)

func TestTheOfficeAsksMeibo(t *testing.T) {
	city := meibotest.NewCity(t, meibotest.SQLite(t), nil, meibotest.Masking)
	server, _ := city.Doors()
	key, _ := city.Token("office", "CITY", "P01", meibo.RoleSystem)
	asking, err := client.New(client.Options{Server: server, Key: key, Cache: 10, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer asking.Close()
	authority := meibotest.NewAuthority(t)
	web := httptest.NewUnstartedServer(office(asking))
	web.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Server("127.0.0.1")}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: authority.Roots}
	web.StartTLS()
	defer web.Close()
	clerk := city.Employed("e001")
	get := func(header string, certificates ...tls.Certificate) (int, string) {
		t.Helper()
		browser := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Roots, Certificates: certificates}}}
		defer browser.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), "GET", web.URL+"/records/7?person="+header, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Meibo-Person", header)
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if code, body := get("", authority.Person(string(clerk))); code != 200 || !strings.Contains(body, "assessment: 120,000") || !strings.Contains(body, "name: ***") {
		t.Errorf("the clerk: %d %s", code, body)
	}
	if code, body := get(string(clerk), authority.Person("somebody")); code != 403 || strings.Contains(body, "assessment") {
		t.Errorf("somebody who says that he is the clerk: %d %s", code, body)
	}
	if code, body := get(string(clerk)); code != 503 || body != "" {
		t.Errorf("nobody: %d %s", code, body)
	}
	city.Submit(city.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: clerk, Reason: "transfer"})
	get("", authority.Person("somebody")) // his answer shows that the ledger has moved on
	if code, _ := get("", authority.Person(string(clerk))); code != 403 {
		t.Errorf("the clerk after his removal: %d", code)
	}
}
