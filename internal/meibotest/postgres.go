package meibotest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/store"
)

// aptGet installs the server without a cluster of its own; .ci/install does the
// same with more care.
const aptGet = "PostgreSQL is missing: apt-get install postgresql (or .ci/install)"

// A cluster is the one PostgreSQL server of a test binary.
type cluster struct {
	bin  string // folder of its programs
	dir  string // everything it writes, and its socket
	as   *syscall.Credential
	made atomic.Int64
}

// server is started by the first test that wants it. It ends with the test
// binary, however that ends.
var server = sync.OnceValues(startCluster)

// Postgres is the URL of a PostgreSQL database of the test's own that holds the
// schema and no rows.
func Postgres(t testing.TB) string { return database(t, "schema") }

// EmptyPostgres is the URL of a PostgreSQL database of the test's own in which
// there is nothing.
func EmptyPostgres(t testing.TB) string { return database(t, "template1") }

func database(t testing.TB, template string) string {
	t.Helper()
	c, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "t" + strconv.FormatInt(c.made.Add(1), 10)
	if err := c.psql("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { go c.psql("DROP DATABASE " + name + " WITH (FORCE)") }) // to spare the disk; nobody waits for it
	return c.url(name)
}

func (c *cluster) url(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {c.dir}, "user": {"meibo"}}.Encode()
}

// startCluster makes a cluster in a folder of its own and waits until it
// answers. Nothing but this binary depends on it, so nothing is synced to disk.
func startCluster() (*cluster, error) {
	bin, err := postgresPrograms("/usr/lib/postgresql")
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin}
	if c.dir, err = os.MkdirTemp("", "meibo-pg-"); err != nil {
		return nil, err
	}
	if c.as, err = notRoot(); err != nil {
		return nil, err
	}
	if c.as != nil {
		if err := os.Chown(c.dir, int(c.as.Uid), int(c.as.Gid)); err != nil {
			return nil, err
		}
	}
	if err := c.run("initdb", "-D", "data", "-U", "meibo", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	if err := c.start(); err != nil {
		return nil, err
	}
	return c, c.migrate()
}

// migrate makes the database that the tests' own are copied from.
func (c *cluster) migrate() error {
	if err := c.psql("CREATE DATABASE schema"); err != nil {
		return err
	}
	db, err := store.Open(context.Background(), store.Options{URL: c.url("schema")})
	if err != nil {
		return err
	}
	return db.Close()
}

// reaper runs the server and ends it by its pid when the pipe closes: when the
// test binary ends, also by a panic or a kill.
const reaper = `"$0" -D data -k "$PWD" -c listen_addresses= -c fsync=off -c full_page_writes=off \
	-c autovacuum=off -c max_connections=200 >log 2>&1 </dev/null &
server=$!
read -r _
kill -QUIT $server
wait $server
rm -rf "$PWD"`

// pipe holds the reaper's end of the pipe for as long as the binary lives.
var pipe *os.File

func (c *cluster) start() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	pipe = w
	cmd := c.command("/bin/sh", "-c", reaper, filepath.Join(c.bin, "postgres"))
	cmd.Stdin = r
	cmd.SysProcAttr.Setsid = true // an interrupt of the tests must not reach the reaper
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	r.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if err := c.run("pg_isready", "-q", "-h", c.dir, "-d", "postgres"); err == nil {
			return nil
		} else if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, log)
		}
	}
}

func (c *cluster) psql(statement string) error {
	return c.run("psql", "-X", "-q", "-h", c.dir, "-U", "meibo", "-d", "postgres", "-c", statement)
}

func (c *cluster) run(program string, args ...string) error {
	if out, err := c.command(filepath.Join(c.bin, program), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// command is a program of the cluster, in its folder and as its owner.
func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = c.dir, []string{"PATH=" + os.Getenv("PATH"), "PWD=" + c.dir, "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// postgresPrograms is the folder of the newest server that is installed where
// Debian puts it, or found by PATH.
func postgresPrograms(root string) (string, error) {
	dirs, _ := filepath.Glob(root + "/*/bin")
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, dir := range dirs {
		if missing := slices.ContainsFunc([]string{"initdb", "postgres", "psql", "pg_isready"}, func(name string) bool {
			_, err := os.Stat(filepath.Join(dir, name))
			return err != nil
		}); !missing {
			return dir, nil
		}
	}
	return "", errors.New(aptGet)
}

// notRoot is another user's credential when this is root, whom initdb refuses.
func notRoot() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}
