package outbox

import (
	"context"
	"net"
)

// Policy says whether STARTTLS is required.
func (m *Mailer) Policy() string {
	client, err := m.client(func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed })
	if err != nil {
		return err.Error()
	}
	return client.TLSPolicy()
}
