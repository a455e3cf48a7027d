package meibotest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// nginxMain is what nginx needs besides the servers: all in a folder of its own.
const nginxMain = `worker_processes 1;
daemon off;
%s
pid %[2]s/nginx.pid;
events { worker_connections 128; }
http {
    access_log off;
    client_body_temp_path %[2]s/body;
    proxy_temp_path %[2]s/proxy;
    fastcgi_temp_path %[2]s/fastcgi;
    uwsgi_temp_path %[2]s/uwsgi;
    scgi_temp_path %[2]s/scgi;
    include %[2]s/servers.conf;
}
`

// StartNginx runs an nginx of the test's own in a folder, with the given servers,
// until the test ends. address is where one of them answers. A machine without
// nginx fails the test.
func StartNginx(t testing.TB, folder, servers, address string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx" // where Debian keeps it, off the path of people
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal("nginx is not installed; as root: apt-get install --no-install-recommends nginx")
	}
	user := ""
	if os.Getuid() == 0 { // only root may say, and has to: the folder is its own
		user = "user root;"
	}
	for name, text := range map[string]string{"nginx.conf": fmt.Sprintf(nginxMain, user, folder), "servers.conf": servers} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(folder, "error.log")
	p, err := startProcess(exec.Command(program, "-p", folder, "-c", filepath.Join(folder, "nginx.conf"), "-e", log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	err = p.answers(func() error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err
	})
	if err != nil {
		said, _ := os.ReadFile(log)
		t.Fatalf("nginx: %v\n%s", err, said)
	}
}

// PEM writes a certificate and its key into a folder, for a server to read.
func (a *Authority) PEM(folder, certificate, key string, hosts ...string) {
	a.t.Helper()
	pair := a.Server(hosts...)
	writePEM(a.t, filepath.Join(folder, certificate), "CERTIFICATE", pair.Certificate[0])
	writePEM(a.t, filepath.Join(folder, key), "PRIVATE KEY", privateKey(a.t, pair.PrivateKey))
}

// RootPEM writes the authority's own certificate.
func (a *Authority) RootPEM(file string) {
	a.t.Helper()
	writePEM(a.t, file, "CERTIFICATE", a.cert.Raw)
}
