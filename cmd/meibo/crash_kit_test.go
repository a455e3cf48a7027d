package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A crash is a city whose server is killed again and again, and all that it had
// promised before: decisions that were given, writes that were acknowledged.
type crash struct {
	t                 *testing.T
	config, database  string
	system, submitter string // API keys
	people            []meibo.PersonID

	mu       sync.Mutex
	given    map[string]bool // decisions, and whether they allowed
	removed  map[meibo.PersonID]bool
	done     []written // since settle
	unknown  []*pb.SubmitChangeRequest
	wrong    []string // promises that were broken
	requests int
	log      lockedBuffer // of all servers, from when they served
}

// A written change was acknowledged.
type written struct {
	request *pb.SubmitChangeRequest
	answer  *pb.SubmitChangeResponse
}

// crowd is how many people may act at first: one leaves with every tenth change.
func crowd() int { return 8 + 4*kills() }

// newCrash builds the city by the clock on the wall, and closes its ledger.
func newCrash(t *testing.T, url string) *crash {
	t.Helper()
	now := wallClock()
	day := func(days int) meibo.Date { return now.Add(time.Duration(days) * 24 * time.Hour).Day() }
	city := meibotest.NewCity(t, url, nil, func(m *meibo.Master) {
		m.Contracts[0].Starts, m.Contracts[0].Ends, m.Subcontracts = day(-60), day(300), nil
	})
	city.Clock.Set(now)
	c := &crash{t: t, database: url, given: map[string]bool{}, removed: map[meibo.PersonID]bool{}}
	c.system, _ = city.Token("asking", "CITY", "P01", meibo.RoleSystem)
	c.submitter, _ = city.Token("submitting", "K1", "", meibo.RoleSubmitter)
	var lines []meibo.Line
	for i := range crowd() {
		line := meibotest.Line(fmt.Sprintf("e%03d", i))
		line.Starts, line.Ends = day(-1), day(200)
		lines = append(lines, line)
	}
	submitted := city.Submit(city.Caller("writing", "K1", "", meibo.RoleSubmitter), lines...)
	city.Approve(city.Caller("approving", "K1", "", meibo.RoleApprover), submitted)
	for _, row := range submitted.Rows {
		city.Pledged(row.PersonID)
		c.people = append(c.people, row.PersonID)
	}
	city.Notify()
	city.Ledger.Close()
	c.configure(city)
	return c
}

// configure writes what serve reads.
func (c *crash) configure(city *meibotest.City, edit ...func(*config)) {
	c.t.Helper()
	folder, s := c.t.TempDir(), city.Options.Secrets
	keys := s.Files()
	cfg := defaults()
	cfg.Database, cfg.Listen = c.database, listenConfig{GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0"}
	for _, e := range edit {
		e(&cfg)
	}
	text, err := yaml.Marshal(cfg)
	if err == nil {
		err = writeNew(filepath.Join(folder, "keys"), keys)
	}
	if err == nil {
		c.config = filepath.Join(folder, "meibo.yaml")
		err = os.WriteFile(c.config, text, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// A served city is a process, and a connection to it.
type served struct {
	cmd   *exec.Cmd
	stdin io.Closer
	conn  *grpc.ClientConn
}

// start runs meibo until it says where it listens.
func (c *crash) start(args ...string) *served {
	c.t.Helper()
	s := &served{cmd: exec.Command("meibo", args...)}
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	s.stdin = stdin
	out, in := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = in, in
	if err := s.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { s.kill() })
	said, doors := bufio.NewScanner(out), struct{ GRPC string }{}
	for doors.GRPC == "" {
		if !said.Scan() {
			c.t.Fatalf("meibo %v does not begin", args)
		}
		json.Unmarshal(said.Bytes(), &doors)
		if strings.HasPrefix(said.Text(), "meibo: ") {
			c.t.Fatal(said.Text())
		}
	}
	go io.Copy(&c.log, out)
	if s.conn, err = grpc.NewClient(doors.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		c.t.Fatal(err)
	}
	return s
}

// kill ends the process at once.
func (s *served) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
	if s.conn != nil {
		s.conn.Close()
	}
}

// end ends it politely.
func (s *served) end() error {
	s.conn.Close()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}
