package directory_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// staff is the LDIF of n people as a personnel office keeps them: nineteen attributes each.
func staff(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintf(w, "%s\n", units)
		for i := 1; i <= n; i++ {
			login := fmt.Sprintf("e%05d", i)
			fmt.Fprintf(w, "\n%s\n", person(i, login, value("givenName", "太郎"), value("sn;lang-ja", "山田"),
				value("sn;lang-ja;phonetic", "ヤマダ"), value("givenName;lang-ja;phonetic", "タロウ"), value("cn;lang-ja", "山田 太郎"),
				value("displayName;lang-ja", "山田　太郎"), "displayName: Yamada Taro", fmt.Sprintf("mail: %s@data.kakuu.example", login),
				"o: K1", value("ou", "総務部"), "departmentNumber: 0123", value("employeeType", "正社員"),
				"employeeNumber: "+login, value("title", "主任"), "telephoneNumber: +81 3 0000 0000", "l: Kakuu",
				value("description", "架空市の住民税システムの運用を担当する"), "preferredLanguage: ja"))
		}
		w.Close()
	}()
	return r
}

// ldapsearch is how long the command takes for the same reading, and how much of the
// processor.
func ldapsearch(t testing.TB, s *demo.Slapd, attributes ...string) (took, worked time.Duration) {
	t.Helper()
	began := time.Now()
	cmd := exec.Command("ldapsearch", append([]string{"-x", "-LLL", "-o", "ldif-wrap=no", "-E", "pr=500/noprompt", "-H", s.URL,
		"-D", s.BindDN, "-y", s.PasswordFile, "-b", people, "(objectClass=inetOrgPerson)"}, attributes...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return time.Since(began), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// BenchmarkEverybody reads 50,000 people, each time beside ldapsearch, which asks for
// the same, and tells how many times as long it takes and as much of the processor:
// as a snapshot, and as the full sweep of a follower whose caller knows all of them,
// with all attributes of a person and with the few that a roster needs.
func BenchmarkEverybody(b *testing.B) {
	debug.SetMemoryLimit(128 << 20)
	s := meibotest.SlapdWith(b, demo.SlapdOptions{Data: staff(bulk)})
	for name, attributes := range map[string]string{
		"all": "cn sn givenName displayName mail o ou departmentNumber employeeType employeeNumber title telephoneNumber l description preferredLanguage",
		"few": "o departmentNumber",
	} {
		c := config(s)
		c.Attributes = strings.Fields(attributes)
		c.Timeouts.Whole = 5 * time.Minute
		source := open(b, c)
		ask := append(strings.Fields("entryUUID uid objectClass pwdAccountLockedTime pwdStartTime pwdEndTime pwdReset shadowExpire"), c.Attributes...)
		b.Run("snapshot/"+name, func(b *testing.B) {
			beside(b, s, ask, func() time.Duration {
				began, read := time.Now(), 0
				proof, err := source.Snapshot(b.Context(), func(directory.Object) error { read++; return nil })
				if err != nil || !proof.Complete || read != bulk {
					b.Fatal(read, err)
				}
				return time.Since(began)
			})
		})
		b.Run("follower/"+name, func(b *testing.B) {
			f := followed(b, source, bulk, func(f *directory.Following) {
				f.Pace = directory.Pace{Full: time.Nanosecond}
				f.Apply = func(context.Context, directory.Batch) error { return nil }
			})
			beside(b, s, append(ask, "entryCSN", "modifyTimestamp"), f.sweptIn)
			f.stop()
		})
	}
}

const bulk = 50_000

// sweptIn has everybody read, and tells how long that took.
func (f *follower) sweptIn() (took time.Duration) {
	f.forget()
	f.Sweep()
	f.within(time.Minute, "a sweep", func() bool {
		i := slices.IndexFunc(f.notices, func(n directory.Notice) bool { return n.Kind == directory.NoticeSwept })
		if i >= 0 {
			took = f.notices[i].Took
		}
		return i >= 0
	})
	return took
}

// beside measures a reading beside ldapsearch, in turns.
func beside(b *testing.B, s *demo.Slapd, attributes []string, ours func() time.Duration) {
	var x, y, ownWork, theirWork time.Duration
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // begins a new peak
		b.Fatal(err)
	}
	for b.Loop() {
		took, worked := ldapsearch(b, s, attributes...)
		x, theirWork = x+took, theirWork+worked
		before := work(b)
		y += ours()
		ownWork += work(b) - before
	}
	b.ReportMetric(float64(y)/float64(x), "x/ldapsearch")
	b.ReportMetric(float64(ownWork)/float64(theirWork), "cpu-x/ldapsearch")
	b.ReportMetric(y.Seconds()/float64(b.N), "s/read")
	b.ReportMetric(float64(peak(b))/(1<<10), "MiB/peak")
	b.ReportMetric(0, "ns/op")
}

// work is how much of the processor this process has used.
func work(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// peak is the most memory that this process has held, in KiB.
func peak(b testing.TB) (kib int) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fmt.Sscanf(line, "VmHWM: %d kB", &kib)
	}
	return kib
}
