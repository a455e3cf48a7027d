package meibo

import (
	"cmp"
	"net/url"
)

// A NoticeWay is how the city is told of a contract's rosters: one way, so that a
// notice has one outcome. Contractors are told by mail without names.
type NoticeWay string

const (
	WayMail      NoticeWay = "mail"     // names nobody; the roster is fetched
	WayEncrypted NoticeWay = "smime"    // the roster goes along, signed, then encrypted to the receiver
	WayWebhook   NoticeWay = "webhook"  // names nobody; a program of the city's takes it and fetches the roster
	WayHandOver  NoticeWay = "handover" // a sealed container that a person carries into a closed network
)

// Way is how the city is told of the contract's rosters: by mail where nothing
// else is said.
func (c Contract) Way() NoticeWay { return cmp.Or(c.NoticeWay, WayMail) }

// WayOf is how a notice of the contract goes to its receiver.
func (c Contract) WayOf(n Notice) NoticeWay {
	if n.Kind == NoticeRoster {
		return c.Way()
	}
	return WayMail
}

// mailed reports whether a way needs mail addresses.
func (w NoticeWay) mailed() bool { return w == WayMail || w == WayEncrypted }

// ways checks how the city wants to be told.
func (c *masterCheck) ways(k Contract) {
	if !known(k.Way(), []NoticeWay{WayMail, WayEncrypted, WayWebhook, WayHandOver}) {
		c.bad("notice_way", "UNKNOWN_VALUE")
	}
	if k.Way() == WayWebhook && k.NoticeURL == "" {
		c.bad("notice_url", "REQUIRED")
	} else if k.NoticeURL != "" && !webhookURL(k.NoticeURL) {
		c.bad("notice_url", "URL_INVALID")
	}
}

// webhookURL reports whether notices can be posted to a URL: by https, to a named
// host, without a password or a fragment.
func webhookURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.Fragment == "" && u.Opaque == "" && len(text) <= 500
}
