package directory_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/meibo-dev/meibo/directory"
)

// fake is a server for what a real one rarely does. Bind, root DSE, schema and the tops of subtrees it answers well;
// what it answers to a search for people is the test's.
type fake struct {
	url    string
	people func(*reply)
	noLock bool                        // the schema knows no attribute that disables an account
	top    func(r *reply, base string) // sends a single entry; nil: one without attributes
	mute   bool                        // binds are not answered
	binds  atomic.Int32                // how many arrived
	dials  atomic.Int32
	wg     sync.WaitGroup
}

// reply is an answer under way.
type reply struct {
	conn   net.Conn
	id     int64
	cookie string // of the request's paging control
	filter string
	gone   bool     // the reader has gone
	wanted []string // attributes
}

// asks tells whether the request asks for an attribute.
func (r *reply) asks(attribute string) bool { return slices.Contains(r.wanted, attribute) }

// newFake starts a server that answers searches for people by the function.
func newFake(t testing.TB, answer func(*reply)) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{url: "ldap://" + l.Addr().String(), people: answer}
	f.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f.dials.Add(1)
			f.wg.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); f.wg.Wait() })
	return f
}

// config reads the people of the fake.
func (f *fake) config(t testing.TB) directory.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return directory.Config{
		URLs: []string{f.url}, BindDN: "cn=meibo," + suffix, PasswordFile: file, Bases: []string{people}, PageSize: 10,
		Timeouts: directory.Timeouts{Connect: time.Second, Silence: 300 * time.Millisecond, Whole: 5 * time.Second},
		Now:      func() time.Time { return asOf },
	}
}

func (f *fake) serve(conn net.Conn) {
	defer conn.Close()
	for {
		p, err := ber.ReadPacket(conn)
		if err != nil || len(p.Children) < 2 {
			return
		}
		r := &reply{conn: conn, id: p.Children[0].Value.(int64)}
		switch op := p.Children[1]; op.Tag {
		case ldap.ApplicationBindRequest:
			if f.binds.Add(1); f.mute {
				continue
			}
			r.result(ldap.ApplicationBindResponse, 0, nil)
		case ldap.ApplicationSearchRequest:
			f.search(r, p)
		default:
			return
		}
	}
}

func (f *fake) search(r *reply, p *ber.Packet) {
	op := p.Children[1]
	base, scope := op.Children[0].Value.(string), op.Children[1].Value.(int64)
	r.filter, _ = ldap.DecompileFilter(op.Children[6])
	for _, a := range op.Children[7].Children {
		r.wanted = append(r.wanted, a.Value.(string))
	}
	if len(p.Children) > 2 {
		for _, child := range p.Children[2].Children {
			if c, err := ldap.DecodeControl(child); err == nil && c.GetControlType() == ldap.ControlTypePaging {
				r.cookie = string(c.(*ldap.ControlPaging).Cookie)
			}
		}
	}
	switch {
	case scope == ldap.ScopeWholeSubtree:
		f.people(r)
		return
	case base == "":
		r.entry("", "subschemaSubentry", "cn=schema", "supportedControl", ldap.ControlTypePaging)
	case base == "cn=schema":
		lock := "( 1.5 NAME 'pwdAccountLockedTime' )"
		if f.noLock {
			lock = "( 1.5 NAME 'sn' DESC 'no NAME ''pwdAccountLockedTime' )"
		}
		r.entry("cn=schema", "attributeTypes", "( 1.1 NAME 'uid' )", "attributeTypes", "( 1.2 NAME 'entryUUID' )",
			"attributeTypes", "( 1.3 NAME 'objectClass' )", "attributeTypes", "( 1.4 NAME ( 'cn' 'commonName' ) )",
			"attributeTypes", lock, "objectClasses", "( 1.6 NAME 'inetOrgPerson' )")
	case f.top != nil:
		f.top(r, base)
	default:
		r.entry(base)
	}
	r.done(0)
}

// entry sends an entry with attributes given as name, value, name, value.
func (r *reply) entry(dn string, pairs ...string) { r.send(entryOf(dn, pairs...)) }

func entryOf(dn string, pairs ...string) *ber.Packet {
	op := application(ldap.ApplicationSearchResultEntry)
	op.AppendChild(octets(dn))
	list := ber.NewSequence("")
	for i := 0; i < len(pairs); i += 2 {
		attribute := ber.NewSequence("")
		attribute.AppendChild(octets(pairs[i]))
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range strings.Split(pairs[i+1], "\x00") {
			values.AppendChild(octets(v))
		}
		attribute.AppendChild(values)
		list.AppendChild(attribute)
	}
	op.AppendChild(list)
	return op
}

// person sends the numbered person.
func (r *reply) person(number int) {
	r.entry("uid=p,"+people, "entryUUID", id(number).Value, "uid", "p")
}

// reference sends a continuation reference.
func (r *reply) reference(url string) {
	op := application(ldap.ApplicationSearchResultReference)
	op.AppendChild(octets(url))
	r.send(op)
}

// done ends a page without a paging control.
func (r *reply) done(code int64) { r.result(ldap.ApplicationSearchResultDone, code, nil) }

// page ends a page and says where the next begins; an empty cookie: nowhere.
func (r *reply) page(cookie string) {
	c := ldap.NewControlPaging(0)
	c.SetCookie([]byte(cookie))
	r.result(ldap.ApplicationSearchResultDone, 0, c)
}

func (r *reply) result(tag ber.Tag, code int64, control ldap.Control) {
	op := application(tag)
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(octets(""))
	op.AppendChild(octets("of " + people))
	var controls []*ber.Packet
	if control != nil {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		list.AppendChild(control.Encode())
		controls = append(controls, list)
	}
	r.send(op, controls...)
}

func (r *reply) send(op *ber.Packet, more ...*ber.Packet) { r.raw(message(r.id, op, more...)) }

// raw sends octets as they are.
func (r *reply) raw(b []byte) {
	if _, err := r.conn.Write(b); err != nil {
		r.gone = true
	}
}

// large sends an operation that is given as octets, without making copies of it.
func (r *reply) large(op []byte) {
	n := len(op) + 3
	r.raw([]byte{0x30, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 0x02, 0x01, byte(r.id)})
	r.raw(op)
}

// cut ends the connection.
func (r *reply) cut() { r.conn.Close() }

func message(id int64, op *ber.Packet, more ...*ber.Packet) []byte {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	m.AppendChild(op)
	for _, p := range more {
		m.AppendChild(p)
	}
	return m.Bytes()
}

func application(tag ber.Tag) *ber.Packet {
	return ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
}

func octets(v string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, v, "")
}
