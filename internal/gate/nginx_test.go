package gate_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/gate"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A street is nginx by the configuration that is shipped, with the gate and the
// application behind it.
type street struct {
	*house
	gated       *httptest.Server
	application *application
	authority   *meibotest.Authority
	url         string
}

func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{house: newHouse(t, nil), application: newApplication(t), authority: meibotest.NewAuthority(t)}
	s.gated = httptest.NewServer(s.gate.Handler())
	t.Cleanup(s.gated.Close)
	folder, address := t.TempDir(), meibotest.FreeAddress(t)
	s.url = "https://" + address
	s.authority.PEM(folder, "tls.crt", "tls.key", "127.0.0.1")
	s.authority.RootPEM(filepath.Join(folder, "people-ca.pem"))
	servers := swap(t, gate.NginxExample,
		"127.0.0.1:8443", address, "127.0.0.1:8090", s.gated.Listener.Addr().String(), "127.0.0.1:8000", s.application.Listener.Addr().String(),
		"tls.crt", filepath.Join(folder, "tls.crt"), "tls.key", filepath.Join(folder, "tls.key"), "people-ca.pem", filepath.Join(folder, "people-ca.pem"))
	meibotest.StartNginx(t, folder, servers, address)
	return s
}

// ask asks nginx as a person; "" presents no certificate.
func (s *street) ask(t *testing.T, verb, path, person string, headers ...string) (int, http.Header, string) {
	t.Helper()
	secure := &tls.Config{RootCAs: s.authority.Roots}
	if person != "" {
		secure.Certificates = []tls.Certificate{s.authority.Person(person)}
	}
	browser := &http.Client{Transport: &http.Transport{TLSClientConfig: secure}, Timeout: 20 * time.Second}
	defer browser.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), verb, s.url+path, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

func TestNginxLetsInWhomMeiboAllows(t *testing.T) {
	s := newStreet(t)
	person := string(s.person)
	code, header, body := s.ask(t, "GET", "/records/7", person, "X-Meibo-Obligations", "none", "X-Meibo-Decision", "mine")
	seen := s.application.taken()
	if code != 200 || body != "the record" || header.Get("X-Meibo-Decision") == "" || len(seen) != 1 {
		t.Fatalf("allowed: %d %v %s, the application saw %v", code, header, body, seen)
	}
	for name, want := range map[string]string{"X-Meibo-Person": person, "X-Meibo-Obligations": "[]", "X-Meibo-Decision": header.Get("X-Meibo-Decision")} {
		if got := seen[0].Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("the application is told %s: %q, want %q", name, got, want)
		}
	}
	for _, c := range []struct {
		name, verb, path, person string
		headers                  []string
	}{
		{"somebody else", "GET", "/records/7", "somebody", nil},
		{"somebody who says that he is the person", "GET", "/records/7", "somebody", []string{"X-Meibo-Person", person}},
		{"somebody who says so twice", "GET", "/records/7", "somebody", []string{"X-Meibo-Person", person, "X-Meibo-Person", person}},
		{"somebody who says so with underscores", "GET", "/records/7", "somebody", []string{"X_Meibo_Person", person}},
		{"somebody who brings a method along", "DELETE", "/records/7", person, []string{"X-Meibo-Method", "GET"}},
		{"somebody who brings a rule along", "GET", "/records/7", "somebody", []string{"X-Meibo-Rule", "open"}},
		{"somebody whose certificate says more", "GET", "/records/7", person + "\",x", nil},
		{"a method that nobody may use", "POST", "/records/7", person, nil},
		{"a path that no rule has", "GET", "/", person, nil},
		{"a way around", "GET", "/other/../x", person, nil},
		{"the gate itself", "GET", "/meibo/records", person, nil},
		{"no certificate", "GET", "/records/7", "", nil},
	} {
		code, _, body := s.ask(t, c.verb, c.path, c.person, c.headers...)
		if seen := s.application.taken(); code < 400 || code > 404 || strings.Contains(body, "record\n") || len(seen) > 0 {
			t.Errorf("%s: %d %s, the application saw %v", c.name, code, body, seen)
		}
	}
	s.remove()
	if code, _, _ := s.ask(t, "GET", "/records/7", person); code != 403 {
		t.Errorf("after the removal: %d", code)
	}
}

func TestNginxIsClosedWithoutItsGate(t *testing.T) {
	s := newStreet(t)
	closed := func(when string, want int) {
		t.Helper()
		if code, _, _ := s.ask(t, "GET", "/records/7", string(s.person)); code != want || len(s.application.taken()) > 0 {
			t.Errorf("%s: %d, want %d", when, code, want)
		}
	}
	s.Ledger.Close()
	closed("meibo without its database", 403)
	s.gated.Close()
	closed("no gate", 500)
}
