package store_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

func TestAnEmptyDatabaseIsBroughtUpToDate(t *testing.T) {
	meibotest.EachEmpty(t, func(t *testing.T, url string) {
		o := options(t, url)
		o.ReadOnly = true
		if db, err := store.Open(context.Background(), o); err == nil {
			db.Close()
			t.Error("a database without a schema was opened for reading")
		}
		db := open(t, url)
		versions, err := db.Schema(context.Background())
		must(t, err)
		for _, v := range versions {
			if v.Have != v.Current || v.Current < 2 {
				t.Errorf("%s is at %d of %d", v.Series, v.Have, v.Current)
			}
		}
		must(t, db.Ping(context.Background()))
		must(t, record(begin(t, db), meibo.Asset{ID: "A01", State: meibo.AssetActive}))
		must(t, db.Close())
		view(t, open(t, url), func(r *store.Reader) error { // and nothing is done twice
			_, err := store.One[meibo.Asset](r, meibo.AssetID("A01"))
			return err
		})
	})
}

func TestASchemaOfALaterProgramIsRefused(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		ledger, _ := store.Raw(db)
		if _, err := ledger.Exec("INSERT INTO ledger_migrations (version_id, is_applied) VALUES (999, " + map[string]string{"SQLite": "1", "PostgreSQL": "true"}[db.Engine()] + ")"); err != nil {
			t.Fatal(err)
		}
		db.Close()
		for _, readOnly := range []bool{false, true} {
			o := options(t, url)
			o.ReadOnly = readOnly
			if _, err := store.Open(context.Background(), o); !errors.Is(err, meibo.ErrConflict) {
				t.Errorf("opened with %v, want %v", err, meibo.ErrConflict)
			}
		}
	})
}

func TestManyServersBringUpToDateAtOnce(t *testing.T) {
	url := meibotest.EmptyPostgres(t)
	errs := make(chan error)
	for range 5 {
		go func() {
			db, err := store.Open(context.Background(), options(t, url))
			if err == nil {
				err = db.Close()
			}
			errs <- err
		}()
	}
	for range 5 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestBothDatabasesHaveTheSameColumns(t *testing.T) {
	columns := map[string][]store.Column{}
	meibotest.EachEmpty(t, func(t *testing.T, url string) {
		db := open(t, url)
		ledger, decisions := store.Raw(db)
		seen := map[string]bool{}
		for _, pool := range []*sqlx.DB{ledger, decisions} {
			list, err := store.Columns(db, pool)
			must(t, err)
			for _, c := range list {
				if of := c.OfTable + "." + c.OfColumn; !seen[of] && !strings.Contains(c.OfTable, "_migrations") && c.OfTable != "sqlite_sequence" {
					seen[of] = true
					columns[db.Engine()] = append(columns[db.Engine()], c)
				}
			}
		}
	})
	if diff := cmp.Diff(byName(columns["SQLite"]), byName(columns["PostgreSQL"])); diff != "" || len(columns["SQLite"]) < 200 {
		t.Errorf("%d columns (-SQLite +PostgreSQL):\n%s", len(columns["SQLite"]), diff)
	}
	for table := range store.Tables() {
		if !strings.Contains(strings.Join(tablesOf(columns["SQLite"]), " "), table) {
			t.Errorf("%s is in no schema", table)
		}
	}
}

func byName(columns []store.Column) map[string]bool {
	all := map[string]bool{}
	for _, c := range columns {
		all[c.OfTable+"."+c.OfColumn] = c.Required
	}
	return all
}

func tablesOf(columns []store.Column) []string {
	var tables []string
	for _, c := range columns {
		tables = append(tables, c.OfTable)
	}
	return tables
}

func TestACommitReachesTheDisk(t *testing.T) {
	ledger, decisions := store.Raw(open(t, meibotest.SQLite(t)))
	for _, pool := range []*sqlx.DB{ledger, decisions} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
			var got string
			must(t, pool.Get(&got, "PRAGMA "+pragma))
			if got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
		}
	}
}

func TestASecondWriterOnOneFileIsRefused(t *testing.T) {
	url := meibotest.SQLite(t)
	db := open(t, url)
	if _, err := store.Open(context.Background(), options(t, url)); !errors.Is(err, meibo.ErrConflict) {
		t.Errorf("a second writer in the same process: %v, want %v", err, meibo.ErrConflict)
	}
	if out := child(t, "open", url).wait(); out != "conflict\n" {
		t.Errorf("a second process says %q", out)
	}
	must(t, db.Close())
	if out := child(t, "open", url).wait(); out != "opened\n" {
		t.Errorf("a process after the first says %q", out)
	}
}

func TestTheLockGoesWithTheProcess(t *testing.T) {
	url := meibotest.SQLite(t)
	c := child(t, "hold", url)
	c.line()
	if _, err := store.Open(context.Background(), options(t, url)); !errors.Is(err, meibo.ErrConflict) {
		t.Errorf("beside another process: %v, want %v", err, meibo.ErrConflict)
	}
	c.kill()
	open(t, url)
}

func TestAReadOnlyStoreWritesNothing(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		begun(t, url)
		db := beside(t, url)
		if err := record(db); err == nil {
			t.Error("it recorded a change")
		}
		if _, _, err := db.RecordDecision(context.Background(), decision("D1")); err == nil {
			t.Error("it recorded a decision")
		}
		view(t, db, func(r *store.Reader) error {
			rev, _, err := r.Revision()
			if rev != 1 {
				t.Errorf("at %d, want 1", rev)
			}
			return err
		})
	})
}

// TestAChildOfTheTests is what the test binary does as another process; run by
// itself there is nothing to do.
func TestAChildOfTheTests(t *testing.T) {
	what, url := os.Getenv("STORE_CHILD"), os.Getenv("STORE_URL")
	if what == "" {
		return
	}
	db, err := store.Open(context.Background(), options(t, url))
	switch {
	case errors.Is(err, meibo.ErrConflict):
		os.Stdout.WriteString("conflict\n")
		return
	case errors.Is(err, meibo.ErrBusy):
		os.Stdout.WriteString("busy\n")
		return
	case err != nil:
		os.Stdout.WriteString(err.Error() + "\n")
		return
	}
	os.Stdout.WriteString("opened\n")
	switch what {
	case "hold":
		select {}
	case "write":
		writeForEver(db)
	case "rotate":
		rotateForEver(db)
	}
}

// A childProcess is the test binary doing something beside the test.
type childProcess struct {
	t   *testing.T
	cmd *exec.Cmd
	out *bufio.Reader
}

// child starts the test binary as another process, which ends with the test at
// the latest. As root it runs as nobody where the test asks for it.
func child(t *testing.T, what, url string, alter ...func(*exec.Cmd)) *childProcess {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAChildOfTheTests$")
	cmd.Env = append(os.Environ(), "STORE_CHILD="+what, "STORE_URL="+url, "STORE_SECRET="+secret)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	for _, f := range alter {
		f(cmd)
	}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &childProcess{t, cmd, bufio.NewReader(out)}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return c
}

func (c *childProcess) line() string {
	c.t.Helper()
	line, err := c.out.ReadString('\n')
	must(c.t, err)
	return line
}

func (c *childProcess) wait() string {
	c.t.Helper()
	out, err := io.ReadAll(c.out)
	must(c.t, err)
	c.cmd.Wait()
	line, _, _ := strings.Cut(string(out), "\n")
	return line + "\n"
}

// kill ends the child in the middle of what it does and returns what it had
// still said.
func (c *childProcess) kill() string {
	c.t.Helper()
	must(c.t, c.cmd.Process.Signal(syscall.SIGKILL))
	rest, err := io.ReadAll(c.out)
	must(c.t, err)
	c.cmd.Wait()
	return string(rest)
}

// asNobody lets root's child be subject to file modes. It runs a copy of the
// test binary, which stands where only root may look.
func asNobody(t *testing.T, dir string) func(*exec.Cmd) {
	t.Helper()
	binary, err := os.ReadFile(os.Args[0])
	must(t, err)
	path := filepath.Join(dir, "store.test")
	must(t, os.WriteFile(path, binary, 0o755))
	return func(cmd *exec.Cmd) {
		cmd.Path, cmd.Dir = path, dir
		if os.Getuid() == 0 {
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		}
	}
}

func TestAFolderThatCannotBeWrittenIsSaidAtOnce(t *testing.T) {
	dir, err := os.MkdirTemp("", "meibo-store-")
	must(t, err)
	t.Cleanup(func() { os.Chmod(dir, 0o700); os.RemoveAll(dir) })
	url := filepath.Join(dir, "meibo.db")
	must(t, begun(t, url).Close())
	nobody := asNobody(t, dir)
	for _, name := range []string{"meibo.db", "meibo-decisions.db", "meibo.db.lock"} {
		must(t, os.Chmod(filepath.Join(dir, name), 0o444))
	}
	must(t, os.Chmod(dir, 0o555))
	if out := child(t, "open", url, nobody).wait(); !strings.Contains(out, "meibo.db.lock: permission denied") {
		t.Errorf("the process says %q", out)
	}
	must(t, os.Chmod(filepath.Join(dir, "meibo.db.lock"), 0o666))
	if out := child(t, "open", url, nobody).wait(); !strings.Contains(out, "meibo.db: permission denied") {
		t.Errorf("with the lock but without the file the process says %q", out)
	}
}

func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	url := meibotest.EmptySQLite(t)
	db := begun(t, url)
	must(t, record(db, meibo.Asset{ID: "A01", Name: "x", State: meibo.AssetActive}))
	files, err := filepath.Glob(filepath.Join(filepath.Dir(url), "*"))
	must(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", filepath.Base(file), info.Mode().Perm())
		}
	}
	if len(files) < 5 {
		t.Errorf("files: %v", files)
	}
}
