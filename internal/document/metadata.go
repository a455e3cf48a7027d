package document

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// writeAbout writes what programs ask of a paper without reading it, in both forms
// (Info and XMP, ISO 16684-1), which say the same, and in which colour space it is
// meant. It is the end of the catalog.
func (p *pen) writeAbout() (info int, catalog string) {
	w := p.pdf
	info = w.object()
	metadata, colours := w.object(), w.object()
	w.put(info, "<</Title"+textString(p.title)+"/Creator(meibo)/Producer(meibo)>>")
	var title strings.Builder
	xml.EscapeText(&title, []byte(p.title))
	w.plain(metadata, "/Type/Metadata/Subtype/XML", fmt.Appendf(nil, packet, inert.Replace(title.String())))
	w.stream(colours, "/N 3", sRGB())
	return info, fmt.Sprintf("/Metadata %d 0 R/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)/DestOutputProfile %d 0 R>>]",
		metadata, colours)
}

// inert writes XML, which lies in the paper as it is, so that no title is taken for a part
// of the paper, such as a second seal.
var inert = strings.NewReplacer("/", "&#47;", "%", "&#37;", "obj", "ob&#106;", "stream", "strea&#109;", "xref", "xre&#102;", "trailer", "traile&#114;")

const packet = "<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" + `<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>ja-JP</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>meibo</xmp:CreatorTool>
<pdf:Producer>meibo</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`
