package demo

import (
	"bufio"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// A Tree is a small LDAP server of the demo's own, for where no slapd is installed:
// it pages, finds, binds and takes modifications over the real protocol, on a
// loopback address, and keeps everything in memory. It tells nobody of changes: who
// follows it has to ask. Below ou=services stand the same entries as in a Slapd.
type Tree struct {
	URL          string
	Suffix       string
	BindDN       string // the service account, which reads everything
	PasswordFile string

	tree
	admin    string // password of cn=admin, who writes
	listener net.Listener
	folder   string
	wg       sync.WaitGroup
	conns    map[net.Conn]bool
	connsMu  sync.Mutex
	stop     sync.Once
}

// StartTree starts a server with the entries of the LDIF below the suffix
// dc=kakuu,dc=example. Stop ends it.
func StartTree(ldif string) (*Tree, error) {
	folder, err := os.MkdirTemp("", "meibo-tree-")
	if err != nil {
		return nil, err
	}
	t := &Tree{
		Suffix: "dc=kakuu,dc=example", PasswordFile: filepath.Join(folder, "meibo.password"), admin: rand.Text(), folder: folder,
		tree: tree{entries: map[string]*entry{}}, conns: map[net.Conn]bool{},
	}
	t.BindDN = "cn=meibo,ou=services," + t.Suffix
	password := rand.Text()
	data, err := fill(treeData, map[string]string{"Suffix": t.Suffix, "BindDN": t.BindDN, "Password": password, "AdminPassword": t.admin})
	if err == nil {
		err = errors.Join(os.WriteFile(t.PasswordFile, []byte(password), 0o600), t.apply(data), t.apply(ldif))
	}
	if err == nil {
		t.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	t.URL = "ldap://" + t.listener.Addr().String()
	t.wg.Go(t.serve)
	return t, nil
}

// Modify applies LDIF as the administrator.
func (t *Tree) Modify(ldif string) error { return t.apply(ldif) }

// Stop ends the server and all connections.
func (t *Tree) Stop() {
	t.stop.Do(func() {
		t.listener.Close()
		t.connsMu.Lock()
		for c := range t.conns {
			c.Close()
		}
		t.connsMu.Unlock()
		t.wg.Wait()
		os.RemoveAll(t.folder)
	})
}

func (t *Tree) serve() {
	for {
		conn, err := t.listener.Accept()
		if err != nil {
			return
		}
		t.connsMu.Lock()
		t.conns[conn] = true
		t.connsMu.Unlock()
		t.wg.Go(func() {
			(&client{tree: t, conn: conn}).serve()
			t.connsMu.Lock()
			delete(t.conns, conn)
			t.connsMu.Unlock()
		})
	}
}

// client is one connection.
type client struct {
	tree  *Tree
	conn  net.Conn
	who   string   // key of the name that was bound; empty: nobody
	pages []*entry // that are left of a paged search
}

// maxMessage bounds a request.
const maxMessage = 1 << 20

func (c *client) serve() {
	defer c.conn.Close()
	in := bufio.NewReader(c.conn)
	for {
		m, err := ber.ReadPacket(in)
		if err != nil || len(m.Children) < 2 || len(m.Bytes()) > maxMessage {
			return
		}
		id, ok := m.Children[0].Value.(int64)
		op := m.Children[1]
		if !ok || op.ClassType != ber.ClassApplication || op.Tag == unbindRequest {
			return
		}
		if err := c.answer(id, op, m.Children[2:]); err != nil {
			return
		}
	}
}

// answer carries out one request. An error ends the connection.
func (c *client) answer(id int64, op *ber.Packet, controls []*ber.Packet) error {
	page, code := readControls(controls)
	if code == success {
		code = c.do(id, op, page)
	}
	if op.Tag == searchRequest {
		return c.send(id, resultPacket(searchDone, code), page.answer(len(c.pages)))
	}
	return c.send(id, resultPacket(op.Tag+1, code), nil)
}

// do carries out a request, and says with what result.
func (c *client) do(id int64, op *ber.Packet, page *page) int {
	writes := c.who == key("cn=admin,"+c.tree.Suffix)
	switch op.Tag {
	case bindRequest:
		return c.bind(op)
	case searchRequest:
		return c.search(id, op, page)
	case modifyRequest, addRequest, deleteRequest, renameRequest:
		if !writes {
			return insufficientRights
		}
		return codeOf(c.write(op))
	}
	return protocolError
}

func codeOf(err error) int {
	var code result
	switch {
	case err == nil:
		return success
	case errors.As(err, &code):
		return int(code)
	}
	return protocolError
}

// bind checks a password. An empty one is nobody's.
func (c *client) bind(op *ber.Packet) int {
	c.who = ""
	if len(op.Children) < 3 {
		return protocolError
	}
	dn, password := text(op.Children[1]), op.Children[2].Data.String()
	if dn == "" && password == "" {
		return success
	}
	c.tree.mu.RLock()
	defer c.tree.mu.RUnlock()
	e := c.tree.entries[key(dn)]
	if e == nil || password == "" || len(e.values["userpassword"]) != 1 || e.values["userpassword"][0] != password || len(e.values["pwdaccountlockedtime"]) > 0 {
		return invalidCredentials
	}
	c.who = key(dn)
	return success
}

// search sends what is found. Everybody may read what the server is; the rest is for
// the service account and the administrator.
func (c *client) search(id int64, op *ber.Packet, page *page) int {
	if len(op.Children) < 8 {
		return protocolError
	}
	base := text(op.Children[0])
	scope, _ := op.Children[1].Value.(int64)
	var asked []string
	for _, a := range op.Children[7].Children {
		asked = append(asked, text(a))
	}
	holds := filterOf(op.Children[6])
	switch {
	case base == "" && scope == 0:
		return c.sendAll(id, []*entry{c.tree.rootDSE()}, asked)
	case key(base) == key("cn=Subschema") && scope == 0:
		return c.sendAll(id, []*entry{subschema()}, asked)
	case c.who != key(c.tree.BindDN) && c.who != key("cn=admin,"+c.tree.Suffix):
		return insufficientRights
	}
	found := c.pages
	if page == nil || page.first {
		var err error
		if found, err = c.tree.find(base, scope == 2, scope == 1, holds); err != nil {
			return codeOf(err)
		}
	}
	c.pages = nil
	if page != nil && len(found) > page.size {
		found, c.pages = found[:page.size], found[page.size:]
	}
	return c.sendAll(id, found, asked)
}

func (c *client) sendAll(id int64, found []*entry, asked []string) int {
	for _, e := range found {
		if c.send(id, entryPacket(e, asked), nil) != nil {
			return protocolError
		}
	}
	return success
}

// write carries out a change.
func (c *client) write(op *ber.Packet) error {
	if op.Tag == deleteRequest {
		return c.tree.remove(op.Data.String())
	}
	if len(op.Children) < 2 {
		return result(protocolError)
	}
	dn := text(op.Children[0])
	switch op.Tag {
	case renameRequest:
		superior := ""
		if len(op.Children) > 3 {
			superior = op.Children[3].Data.String()
		}
		return c.tree.rename(dn, text(op.Children[1]), superior)
	case addRequest:
		var attributes [][2]string
		for _, a := range op.Children[1].Children {
			for _, v := range valuesOf(a) {
				attributes = append(attributes, [2]string{text(a.Children[0]), v})
			}
		}
		return c.tree.add(dn, attributes)
	}
	var list []modification
	for _, m := range op.Children[1].Children {
		if len(m.Children) < 2 || len(m.Children[1].Children) < 1 {
			return result(protocolError)
		}
		n, _ := m.Children[0].Value.(int64)
		kind := map[int64]string{0: "add", 1: "delete", 2: "replace"}[n]
		list = append(list, modification{kind, text(m.Children[1].Children[0]), valuesOf(m.Children[1])})
	}
	return c.tree.modify(dn, list)
}

func valuesOf(attribute *ber.Packet) (values []string) {
	if len(attribute.Children) > 1 {
		for _, v := range attribute.Children[1].Children {
			values = append(values, text(v))
		}
	}
	return values
}

func (c *client) send(id int64, op, controls *ber.Packet) error {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	m.AppendChild(op)
	if controls != nil {
		m.AppendChild(controls)
	}
	_, err := c.conn.Write(m.Bytes())
	return err
}
