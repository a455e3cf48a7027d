package seal_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/meibo-dev/meibo/internal/seal"
)

const log = "meibo.city.kakuu.example"

var root = sha256.Sum256([]byte("root"))

// keys makes a signer and a verifier of a log.
func keys(t testing.TB, name string) (*seal.Signer, *seal.Verifier) {
	t.Helper()
	secret, public, err := seal.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.NewSigner(secret + "\n") // as it stands in a file
	if err != nil {
		t.Fatal(err)
	}
	v, err := seal.NewVerifier(" " + public + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func sign(t testing.TB, s *seal.Signer, size int64) string {
	t.Helper()
	signed, err := s.Sign(size, root)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestACheckpointComesBackAsItWasSigned(t *testing.T) {
	s, v := keys(t, log)
	for _, size := range []int64{0, 1, 1 << 40} {
		signed := sign(t, s, size)
		c, err := v.Open(signed)
		if want := (seal.Checkpoint{Log: log, Size: size, Root: root}); c != want || err != nil {
			t.Errorf("opened %+v, %v, want %+v", c, err, want)
		}
		if lines := strings.Split(signed, "\n"); lines[0] != log || lines[3] != "" || !strings.HasPrefix(lines[4], "— "+log+" ") {
			t.Errorf("signed\n%s", signed)
		}
	}
}

func TestWhatTheKeyDidNotSignDoesNotVerify(t *testing.T) {
	s, v := keys(t, log)
	again, _ := keys(t, log)
	other, _ := keys(t, "meibo.other.example")
	signed := sign(t, s, 7)
	for _, c := range []struct{ name, text string }{
		{"another key of the same name", sign(t, again, 7)},
		{"the key of another log", sign(t, other, 7)},
		{"another size", strings.Replace(signed, "\n7\n", "\n8\n", 1)},
		{"another log's name", strings.Replace(signed, log, "meibo.other.example", 1)},
		{"another root", strings.Replace(signed, signed[strings.Index(signed, "\n7\n")+3:][:4], "AAAA", 1)},
		{"a text without its signature", signed[:strings.Index(signed, "—")]},
		{"a signature without its text", signed[strings.Index(signed, "\n—"):]},
		{"a line more", strings.Replace(signed, "\n\n", "\nextra\n\n", 1)},
		{"a broken signature", signed[:len(signed)-8] + "AAAAAAA\n"},
		{"no line break at the end", strings.TrimSuffix(signed, "\n")},
		{"nothing", ""},
		{"anything", "anything"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := v.Open(c.text); !errors.Is(err, seal.ErrUnverified) || got != (seal.Checkpoint{}) {
				t.Errorf("opened %+v, %v, want %v", got, err, seal.ErrUnverified)
			}
		})
	}
}

// The key may sign other notes; none of them is a checkpoint of its log.
func TestASignedTextThatIsNoCheckpointIsNone(t *testing.T) {
	secret, public, err := seal.NewKey(log)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	v, err := seal.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("A", 43) + "="
	for _, c := range []struct{ name, text string }{
		{"two lines only", log + "\n7\n"},
		{"another log", "meibo.other.example\n7\n" + hash + "\n"},
		{"a size that is none", log + "\nseven\n" + hash + "\n"},
		{"a size below zero", log + "\n-1\n" + hash + "\n"},
		{"a size with a zero before it", log + "\n07\n" + hash + "\n"},
		{"a size with a sign", log + "\n+7\n" + hash + "\n"},
		{"a size that is too great", log + "\n9223372036854775808\n" + hash + "\n"},
		{"a root that is no base64", log + "\n7\n!" + hash[1:] + "\n"},
		{"a root of 31 bytes", log + "\n7\n" + strings.Repeat("A", 40) + "AA==\n"},
		{"a root with a loose bit", log + "\n7\n" + strings.Repeat("A", 42) + "B=\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			signed, err := note.Sign(&note.Note{Text: c.text}, signer)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := v.Open(string(signed)); !errors.Is(err, seal.ErrUnverified) || got != (seal.Checkpoint{}) {
				t.Errorf("opened %+v, %v, want %v", got, err, seal.ErrUnverified)
			}
		})
	}
}

func TestLinesAfterTheRootAreExtensionsOfOthers(t *testing.T) {
	secret, public, _ := seal.NewKey(log)
	signer, _ := note.NewSigner(secret)
	v, _ := seal.NewVerifier(public)
	signed, err := note.Sign(&note.Note{Text: log + "\n7\n" + strings.Repeat("A", 43) + "=\nextension\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := v.Open(string(signed)); c.Size != 7 || err != nil {
		t.Errorf("opened %+v, %v", c, err)
	}
}

func TestAKeyThatIsNoneIsRefusedAndNotShown(t *testing.T) {
	for _, text := range []string{"", "not a key", "PRIVATE+KEY+meibo+00000000+AAAA"} {
		if _, err := seal.NewSigner(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("a signer of %q: %v", text, err)
		}
		if _, err := seal.NewVerifier(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("a verifier of %q: %v", text, err)
		}
	}
	if _, _, err := seal.NewKey("a name with blanks"); err == nil {
		t.Error("a log has a name with blanks")
	}
}

func FuzzOpen(f *testing.F) {
	s, v := keys(f, log)
	signed := sign(f, s, 7)
	f.Add(signed)
	f.Add(strings.Replace(signed, "\n7\n", "\n8\n", 1))
	f.Add("\n\n\n\n— x AAAA\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := v.Open(text)
		if err != nil {
			if !errors.Is(err, seal.ErrUnverified) || c != (seal.Checkpoint{}) {
				t.Fatalf("opened %+v, %v", c, err)
			}
			return
		}
		if c.Log != log || c.Size != 7 || c.Root != root {
			t.Fatalf("the key never signed %+v", c)
		}
	})
}
