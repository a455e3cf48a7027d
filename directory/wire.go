package directory

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// wire is a connection to a server. It receives whole messages, one when asked for one, sets a deadline for each, and
// empties entries that are too large, so that neither a silent nor a hostile server does more harm than end one read.
// Nothing is read ahead of what is asked for, so that nothing can be dropped on the way: a slow reader makes the server
// wait. It is used by one goroutine; only Close may be called by another.
type wire struct {
	net.Conn
	in      *bufio.Reader
	silence time.Duration // the longest that the server may send nothing; zero: no limit
	sent    *atomic.Int64 // when the server sent something last; nil: nobody asks
	limits  limits
	buffer  []byte // of the message that was received last
	broken  error  // the first error of receiving
}

// limits bound one message.
type limits struct {
	bytes    int
	elements int
}

// maxElements bounds the values of an entry.
const maxElements = 4096

// schemaLimits are for the reads of root DSE and schema, which are large in an honest server.
var schemaLimits = limits{bytes: 16 << 20, elements: 200_000}

func newWire(conn net.Conn, silence time.Duration, limits limits) *wire {
	w := &wire{Conn: conn, silence: silence, limits: limits}
	w.in = bufio.NewReaderSize(pacer{w}, 64<<10)
	return w
}

// pacer reads from the network and gives the server new time with each read.
type pacer struct{ w *wire }

func (p pacer) Read(b []byte) (int, error) {
	var deadline time.Time
	if p.w.silence > 0 {
		deadline = time.Now().Add(p.w.silence)
	}
	if err := p.w.Conn.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := p.w.Conn.Read(b)
	if n > 0 && p.w.sent != nil {
		p.w.sent.Store(time.Now().UnixNano())
	}
	return n, err
}

// maxWrite is how long a request may take to be sent.
const maxWrite = 15 * time.Second

// send sends a request.
func (w *wire) send(b []byte) error {
	if err := w.Conn.SetWriteDeadline(time.Now().Add(maxWrite)); err != nil {
		return err
	}
	_, err := w.Conn.Write(b)
	return err
}

// receive waits for the next message. After an error there is none.
func (w *wire) receive() (message, error) {
	if w.broken != nil {
		return message{}, w.broken
	}
	m, err := w.message()
	if err != nil {
		w.broken = err
		return message{}, err
	}
	return m, nil
}

// message reads the next message, and empties an entry that is too large.
func (w *wire) message() (message, error) {
	head, err := w.in.Peek(2)
	if err != nil {
		return message{}, err
	}
	if more := int(head[1]) & 0x7f; head[1] >= 0x80 {
		if head, err = w.in.Peek(2 + more); err != nil {
			return message{}, err
		}
	}
	whole, err := next(head, 0)
	if err != nil || whole.tag != sequence {
		return message{}, errMalformed
	}
	if whole.end > w.limits.bytes {
		return w.skip(whole.end)
	}
	if whole.end > cap(w.buffer) {
		w.buffer = make([]byte, max(whole.end, 4<<10))
	}
	data := w.buffer[:whole.end]
	if _, err := io.ReadFull(w.in, data); err != nil {
		return message{}, err
	}
	f, err := checkFrame(data)
	switch {
	case err != nil:
		return message{}, err
	case f.elements > w.limits.elements && f.op != opEntry:
		return message{}, errMalformed
	}
	op := operation(data)
	return message{f, data, op, data[op.end:], f.elements > w.limits.elements}, nil
}

// skip reads over a message that is too large, keeping the beginning of an entry and its controls. Any other message
// ends the read.
func (w *wire) skip(size int) (message, error) {
	const kept = 4 << 10
	start, err := w.in.Peek(min(size, kept))
	if err != nil {
		return message{}, err
	}
	f, err := peekFrame(start)
	if err != nil {
		return message{}, err
	}
	op := operation(start)
	if f.op != opEntry || op.end > size || size-op.end > kept {
		return message{}, fmt.Errorf("%w: a message of %d bytes", errMalformed, size)
	}
	begun := len(start)
	w.buffer = append(w.buffer[:0], start...)
	w.buffer = append(w.buffer, make([]byte, size-op.end)...)
	if _, err := w.in.Discard(op.end); err != nil {
		return message{}, err
	}
	if _, err := io.ReadFull(w.in, w.buffer[begun:]); err != nil {
		return message{}, err
	}
	return message{f, w.buffer[:begun], op, w.buffer[begun:], true}, nil
}
