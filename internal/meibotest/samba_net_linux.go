package meibotest

import (
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// A network is a network namespace of its own, in which nothing but its loopback
// device is: programs that listen on fixed ports do so there, and nobody outside
// sees them.
type network struct {
	work   chan func()
	mu     sync.Mutex
	relays []net.Listener
	conns  map[net.Conn]bool
	wg     sync.WaitGroup
}

// newNetwork makes a network. All that happens in it happens on one thread, which
// ends with it.
func newNetwork() (*network, error) {
	n := &network{work: make(chan func()), conns: map[net.Conn]bool{}}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread is of no use to others
		err := syscall.Unshare(syscall.CLONE_NEWNET)
		if err == nil {
			err = loopbackUp()
		}
		made <- err
		if err != nil {
			return
		}
		for f := range n.work {
			f()
		}
	}()
	return n, <-made
}

// do runs a function in the network: sockets that it makes and programs that it
// starts belong there.
func (n *network) do(f func() error) error {
	done := make(chan error)
	n.work <- func() { done <- f() }
	return <-done
}

// loopbackUp brings the loopback device up.
func loopbackUp() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	request := struct {
		name  [16]byte
		flags uint16
		rest  [22]byte
	}{name: [16]byte{'l', 'o'}, flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return errno
	}
	return nil
}

// relay listens outside and carries each connection to an address inside.
func (n *network) relay(inside string) (outside string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	n.mu.Lock()
	n.relays = append(n.relays, l)
	n.mu.Unlock()
	n.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n.wg.Go(func() { n.carry(conn, inside) })
		}
	})
	return l.Addr().String(), nil
}

func (n *network) carry(out net.Conn, inside string) {
	defer out.Close()
	var in net.Conn
	if err := n.do(func() (err error) { in, err = net.Dial("tcp", inside); return err }); err != nil {
		return
	}
	defer in.Close()
	for _, c := range []net.Conn{in, out} {
		n.mu.Lock()
		n.conns[c] = true
		n.mu.Unlock()
		defer func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			delete(n.conns, c)
		}()
	}
	var both sync.WaitGroup
	both.Go(func() { io.Copy(in, out); in.Close(); out.Close() })
	both.Go(func() { io.Copy(out, in); in.Close(); out.Close() })
	both.Wait()
}

// close ends the relays and the thread, and with it what was started from it.
func (n *network) close() {
	n.mu.Lock()
	for _, l := range n.relays {
		l.Close()
	}
	for c := range n.conns {
		c.Close()
	}
	n.mu.Unlock()
	n.wg.Wait()
	close(n.work)
}
