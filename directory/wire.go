package directory

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// wire is a connection between a server and the LDAP library. It hands on whole messages only, counts them, sets the
// deadlines that the library does not have, and empties entries that are too large, so that neither a silent nor a
// hostile server does more harm than end one read. The process-wide ber.MaxPacketLengthBytes is left as it is.
type wire struct {
	net.Conn
	in      *bufio.Reader
	silence time.Duration
	rest    []byte // of the message that is being handed on

	mu     sync.Mutex
	limits limits
	armed  bool
	err    error // the first of reading
	tally  tally
}

// limits bound one message.
type limits struct {
	bytes    int
	elements int
}

// maxElements bounds the values of an entry: decoded, each takes about 500 bytes.
const maxElements = 4096

// schemaLimits are for the reads of root DSE and schema, which are large in an honest server.
var schemaLimits = limits{bytes: 16 << 20, elements: 200_000}

// tally is what arrived since begin.
type tally struct {
	entries    int
	references int
	done       int
	emptied    map[int]bool // the entries, by number from 1, that were too large
}

func newWire(conn net.Conn, silence time.Duration, limits limits) *wire {
	w := &wire{Conn: conn, silence: silence, limits: limits}
	w.in = bufio.NewReaderSize(pacer{w}, 16<<10)
	return w
}

// bound sets how large a message may be from now on.
func (w *wire) bound(l limits) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits = l
}

func (w *wire) bounds() limits {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.limits
}

// begin starts a new tally and the clock.
func (w *wire) begin() {
	w.mu.Lock()
	w.tally = tally{emptied: map[int]bool{}}
	w.mu.Unlock()
	w.arm(true)
}

// arm starts and stops the clock that runs while the server owes an answer.
func (w *wire) arm(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = on
	w.setReadDeadline()
}

// setReadDeadline is called with the lock held, so that a stopped clock stays stopped.
func (w *wire) setReadDeadline() {
	var deadline time.Time
	if w.armed {
		deadline = time.Now().Add(w.silence)
	}
	w.Conn.SetReadDeadline(deadline)
}

// emptied tells whether the entry with that number was too large.
func (w *wire) emptied(number int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tally.emptied[number]
}

// arrived is the tally and the error that ended reading.
func (w *wire) arrived() (tally, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tally, w.err
}

// pacer reads from the network and gives the server new time with each answer.
type pacer struct{ w *wire }

func (p pacer) Read(b []byte) (int, error) {
	p.w.mu.Lock()
	p.w.setReadDeadline()
	p.w.mu.Unlock()
	return p.w.Conn.Read(b)
}

// Write sends a request, within the time of silence.
func (w *wire) Write(b []byte) (int, error) {
	if err := w.Conn.SetWriteDeadline(time.Now().Add(w.silence)); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}

// Read hands on messages. Its first error stays.
func (w *wire) Read(b []byte) (int, error) {
	if len(w.rest) == 0 {
		message, err := w.message()
		if err != nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.err == nil {
				w.err = err
			}
			return 0, w.err
		}
		w.rest = message
	}
	n := copy(b, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// message reads the next message, and empties an entry that is too large.
func (w *wire) message() ([]byte, error) {
	head, err := w.in.Peek(2)
	if err != nil {
		return nil, err
	}
	if more := int(head[1]) & 0x7f; head[1] >= 0x80 {
		if head, err = w.in.Peek(2 + more); err != nil {
			return nil, err
		}
	}
	whole, err := next(head, 0)
	if err != nil || whole.tag != sequence {
		return nil, errMalformed
	}
	limits := w.bounds()
	if whole.end > limits.bytes {
		return w.skip(whole.end)
	}
	data := make([]byte, whole.end)
	if _, err := io.ReadFull(w.in, data); err != nil {
		return nil, err
	}
	f, err := checkFrame(data)
	if err != nil {
		return nil, err
	}
	if f.elements <= limits.elements {
		w.count(f, false)
		return data, nil
	}
	if f.op != opEntry {
		return nil, errMalformed
	}
	w.count(f, true)
	return bareEntry(f.id, entryDN(data)), nil
}

// skip reads over a message that is too large, keeping the name of the entry in it. Any other message ends the read.
func (w *wire) skip(size int) ([]byte, error) {
	start, err := w.in.Peek(min(size, w.in.Size()))
	if err != nil {
		return nil, err
	}
	f, err := peekFrame(start)
	if err != nil {
		return nil, err
	}
	if f.op != opEntry {
		return nil, fmt.Errorf("%w: a message of %d bytes", errMalformed, size)
	}
	bare := bareEntry(f.id, entryDN(start))
	if _, err := w.in.Discard(size); err != nil {
		return nil, err
	}
	w.count(f, true)
	return bare, nil
}

func (w *wire) count(f frame, emptied bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch f.op {
	case opEntry:
		w.tally.entries++
		if emptied {
			w.tally.emptied[w.tally.entries] = true
		}
	case opReference:
		w.tally.references++
	case opDone:
		w.tally.done++
	}
}
