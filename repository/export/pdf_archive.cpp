#include "repository/export/pdf_archive.h"

#include <span>
#include <string_view>

#include "pdf_data.h"  // generated: kSrgbProfile
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFWriter.hh>

#include "core/version.h"
#include "repository/durable_file.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

using Handle = QPDFObjectHandle;

// libqpdf's output into a durable file.
class ToFile : public Pipeline {
 public:
  explicit ToFile(DurableFile& file) : Pipeline("file", nullptr), file_(file) {}
  void write(const unsigned char* data, std::size_t size) override {
    if (auto done = file_.write(std::as_bytes(std::span(data, size))); !done) {
      throw PdfFailure(std::move(done).error());
    }
  }
  void finish() override {}

 private:
  DurableFile& file_;
};

std::string producer() { return "alihmedia " + std::string(kVersion); }

// "2026-11-24T04:12:28.123Z" without the fraction, which XMP of some readers does not take.
std::string whole_seconds(const std::string& utc) {
  constexpr std::size_t kSeconds = 19;
  return utc.substr(0, kSeconds) + "Z";
}

// "2026-11-24T04:12:28Z" -> "D:20261124041228Z"
std::string pdf_date(const std::string& utc) {
  std::string digits;
  for (const char c : utc) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return "D:" + digits + "Z";
}

std::string xmp(const Description& d, const std::string& date, PdfA part) {
  std::string creators;
  for (const auto& name : d.creators) creators += "<rdf:li>" + xml_text(name) + "</rdf:li>";
  std::string out =
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
      "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
      "xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n"
      "<dc:format>application/pdf</dc:format>\n";
  out += "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">" + xml_text(d.title) +
         "</rdf:li></rdf:Alt></dc:title>\n";
  if (!creators.empty()) {
    out += "<dc:creator><rdf:Seq>" + creators + "</rdf:Seq></dc:creator>\n";
  }
  out += "<dc:identifier>" + xml_text(d.identifier) + "</dc:identifier>\n";
  out += "<xmp:CreateDate>" + date + "</xmp:CreateDate>\n<xmp:ModifyDate>" + date +
         "</xmp:ModifyDate>\n<xmp:MetadataDate>" + date + "</xmp:MetadataDate>\n";
  out += "<xmp:CreatorTool>alihmedia</xmp:CreatorTool>\n<pdf:Producer>" + xml_text(producer()) +
         "</pdf:Producer>\n";
  if (!d.mark.empty()) out += "<pdf:Keywords>" + xml_text(d.mark) + "</pdf:Keywords>\n";
  out += part == PdfA::a1b
             ? "<pdfaid:part>1</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n"
         : part == PdfA::a2u
             ? "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>U</pdfaid:conformance>\n"
             : "<pdfaid:part>3</pdfaid:part>\n<pdfaid:conformance>U</pdfaid:conformance>\n";
  out += "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n";
  constexpr int kPaddingLines = 20;
  for (int i = 0; i < kPaddingLines; ++i) out += std::string(100, ' ') + "\n";
  return out + "<?xpacket end=\"w\"?>";
}

// An associated file of the whole document, as PDF/A-3 has them.
void attach_data(QPDF& pdf, const std::string& data, const std::string& date) {
  constexpr const char* kName = "data.csv";
  auto stream = Handle::newStream(&pdf, data);
  auto head = stream.getDict();
  head.replaceKey("/Type", Handle::newName("/EmbeddedFile"));
  head.replaceKey("/Subtype", Handle::newName("/text/csv"));
  auto params = Handle::newDictionary();
  params.replaceKey("/Size", Handle::newInteger(static_cast<long long>(data.size())));
  params.replaceKey("/ModDate", Handle::newString(pdf_date(date)));
  head.replaceKey("/Params", params);
  auto streams = Handle::newDictionary();
  streams.replaceKey("/F", stream);
  streams.replaceKey("/UF", stream);
  auto file = pdf.makeIndirectObject(Handle::newDictionary());
  file.replaceKey("/Type", Handle::newName("/Filespec"));
  file.replaceKey("/F", Handle::newString(kName));
  file.replaceKey("/UF", Handle::newUnicodeString(kName));
  file.replaceKey("/Desc",
                  Handle::newUnicodeString("Isi tabel surat ini / the tables of this paper"));
  file.replaceKey("/AFRelationship", Handle::newName("/Data"));
  file.replaceKey("/EF", streams);
  QPDFEmbeddedFileDocumentHelper(pdf).replaceEmbeddedFile(kName, QPDFFileSpecObjectHelper(file));
  pdf.getRoot().replaceKey("/AF", Handle::newArray({file}));
}

void add_document_objects(QPDF& pdf, const Description& d, PdfA part) {
  auto root = pdf.getRoot();
  auto profile = Handle::newStream(
      &pdf, std::string(reinterpret_cast<const char*>(kSrgbProfile.data()), kSrgbProfile.size()));
  profile.getDict().replaceKey("/N", Handle::newInteger(3));
  auto intent = pdf.makeIndirectObject(
      Handle::parse("<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
                    "/Info (sRGB IEC61966-2.1) /RegistryName (http://www.color.org) >>"));
  intent.replaceKey("/DestOutputProfile", profile);
  root.replaceKey("/OutputIntents", Handle::newArray({intent}));
  root.replaceKey("/ViewerPreferences", Handle::parse("<< /DisplayDocTitle true >>"));
  root.replaceKey("/Lang", Handle::newUnicodeString(d.language));

  const auto date = whole_seconds(d.at);
  auto metadata = Handle::newStream(&pdf, xmp(d, date, part));
  metadata.getDict().replaceKey("/Type", Handle::newName("/Metadata"));
  metadata.getDict().replaceKey("/Subtype", Handle::newName("/XML"));
  root.replaceKey("/Metadata", metadata);
  auto info = pdf.makeIndirectObject(Handle::newDictionary());
  info.replaceKey("/Title", Handle::newUnicodeString(d.title));
  if (d.creators.size() == 1) {
    info.replaceKey("/Author", Handle::newUnicodeString(d.creators.front()));
  }
  if (!d.mark.empty()) info.replaceKey("/Keywords", Handle::newUnicodeString(d.mark));
  info.replaceKey("/Producer", Handle::newUnicodeString(producer()));
  info.replaceKey("/Creator", Handle::newUnicodeString("alihmedia"));
  info.replaceKey("/CreationDate", Handle::newString(pdf_date(date)));
  info.replaceKey("/ModDate", Handle::newString(pdf_date(date)));
  pdf.getTrailer().replaceKey("/Info", info);
  if (part == PdfA::a3u && !d.data.empty()) attach_data(pdf, d.data, date);
}

}  // namespace

Error pdf_error(const std::exception& e) {
  return {ErrorCode::internal,
          message("PDF tidak dapat dibuat: {}", "The PDF cannot be made: {}", {e.what()})};
}

Result<Exported> write_archival(QPDF& pdf, const Description& description, PdfA part,
                                const std::filesystem::path& to) {
  ALIH_TRY(auto file, DurableFile::create(to));
  add_document_objects(pdf, description, part);
  ToFile out(file);
  QPDFWriter writer(pdf);
  writer.setOutputPipeline(&out);
  writer.setMinimumPDFVersion(part == PdfA::a1b ? "1.4" : "1.7");
  writer.setObjectStreamMode(part == PdfA::a1b ? qpdf_o_disable : qpdf_o_generate);
  writer.setNewlineBeforeEndstream(true);
  writer.setDeterministicID(true);
  writer.setCompressStreams(true);
  writer.write();
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
