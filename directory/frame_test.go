package directory_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/meibo-dev/meibo/directory"
)

// FuzzFrame: a message that the wire lets through is decoded to its last octet, and no further.
func FuzzFrame(f *testing.F) {
	f.Add(message(1, entryOf("cn=x", "cn", "a\x00b", "sn", "c")))
	f.Add(message(70_000, application(5)))
	f.Add([]byte{0x30, 0x80, 0x02, 0x01, 0x01, 0x00, 0x00})
	f.Add([]byte{0x30, 0x84, 0, 0, 0, 5, 0x02, 0x01, 0x07, 0x65, 0x00})
	f.Add([]byte{0x30, 0x07, 0x02, 0x01, 0x01, 0x64, 0x02, 0x04, 0x03})
	f.Fuzz(func(t *testing.T, data []byte) {
		directory.EntryDN(data)
		elements, err := directory.CheckFrame(data)
		if err != nil {
			return
		}
		rest := bytes.NewReader(append(slices.Clone(data), "more"...))
		p, err := ber.ReadPacket(rest)
		if rest.Len() < 4 || err == nil && rest.Len() > 4 {
			t.Errorf("%x: %d octets were left, %v", data, rest.Len(), err)
		}
		if err == nil && count(p) != elements {
			t.Errorf("%x: %d elements, counted %d", data, count(p), elements)
		}
	})
}

func count(p *ber.Packet) int {
	n := 1
	for _, child := range p.Children {
		n += count(child)
	}
	return n
}

func TestTheNameOfAnEntryIsReadFromItsBeginning(t *testing.T) {
	const dn = "uid=山田,ou=people"
	data := message(3, entryOf(dn, "cn", strings.Repeat("x", 1000)))
	for _, n := range []int{len(data), 60} {
		if got := directory.EntryDN(data[:n]); got != dn {
			t.Errorf("of %d octets: %q", n, got)
		}
	}
	if got := directory.EntryDN(data[:20]); got != "" {
		t.Errorf("half a name: %q", got)
	}
}

// FuzzSchema: no definition of an attribute makes the reader fail, and a name stands in the definition.
func FuzzSchema(f *testing.F) {
	f.Add("( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'a NAME ''x' SUP name )")
	f.Add("( 1.1 NAME 'x")
	f.Add("(1.1 DESC 'NAME ( ' NAME('a''b'))")
	f.Fuzz(func(t *testing.T, definition string) {
		for _, name := range directory.DefinitionNames(definition) {
			if !strings.Contains(definition, name) {
				t.Errorf("%q is not in %q", name, definition)
			}
		}
	})
}

func TestDefinitions(t *testing.T) {
	for definition, want := range map[string]string{
		"( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'RFC4519: common NAME ''x''' SUP name )": "2.5.4.3 cn commonName",
		"( 2.5.4.4 NAME 'sn' DESC 'NAME ( ' SINGLE-VALUE )":                                 "2.5.4.4 sn",
		"( 1.2.3 DESC 'nameless' )":                                                         "1.2.3",
		"( 1.2.3 NAME ( 'a'":                                                                "1.2.3 a",
		"(1.2.3 NAME('a' 'b')SUP top)":                                                      "1.2.3 a b",
		"":                                                                                  "",
		"1.2.3 NAME 'a'":                                                                    "",
	} {
		if got := strings.Join(directory.DefinitionNames(definition), " "); got != want {
			t.Errorf("%s: got %q, want %q", definition, got, want)
		}
	}
}

func TestDescriptionsHaveOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"CN": "cn", "cn;Lang-JA": "cn;lang-ja", "SN;phonetic;LANG-ja": "sn;lang-ja;phonetic", "sn;lang-ja;phonetic": "sn;lang-ja;phonetic",
	} {
		if got := directory.Description(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestChooseTakesTheSameValueEachTime(t *testing.T) {
	attr := map[string][]string{"cn": {"山田 太郎 (総務)", "山田 太郎", "ヤマダ タロウ"}, "cn;lang-en": {"B", "A"}}
	o := directory.Object{Attr: attr}
	if got := o.Name(); got != "山田 太郎" {
		t.Errorf("got %q", got)
	}
	slices.Reverse(attr["cn"])
	if got := o.Name(); got != "山田 太郎" {
		t.Errorf("in another order: %q", got)
	}
	if got := directory.Choose(attr, "displayName", "CN;lang-EN", "cn"); got != "A" {
		t.Errorf("got %q", got)
	}
	if got := directory.Choose(attr, "mail") + o.Reading(); got != "" {
		t.Errorf("got %q", got)
	}
	attr["givenname;phonetic"], attr["sn;phonetic"] = []string{"タロウ"}, []string{"ヤマダ"}
	if got := o.Reading(); got != "ヤマダ タロウ" {
		t.Errorf("got %q", got)
	}
}
