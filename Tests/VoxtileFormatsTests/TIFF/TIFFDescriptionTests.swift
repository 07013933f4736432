import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Descriptions of TIFF", .enabled(if: TIFFLibrary.isThere, "needs libtiff"))
struct TIFFDescriptionTests {
  private func info(_ description: String) throws -> VolumeInfo {
    try TIFFTestFiles.withReader(TIFFTestFiles.described(description)) { $0.info }
  }

  private func failure(_ description: String) -> VoxtileError? {
    #expect(throws: VoxtileError.self) { try info(description) }
  }

  private func ome(_ pixels: String, before: String = "", inside: String = "") -> String {
    "<?xml version=\"1.0\"?>\(before)<OME><Image ID=\"Image:0\"><Pixels \(pixels)>\(inside)</Pixels></Image></OME>"
  }

  private let sizes = "DimensionOrder=\"XYZCT\" SizeX=\"2\" SizeY=\"2\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\""

  @Test("any other text is kept, and says nothing about sizes")
  func plain() throws {
    for text in ["a text", "<p>not OME</p>", "", "Image=J"] {
      let info = try info(text)
      #expect(info.metadata.place == .unknown && info.extent == Extent(width: 2, height: 2))
      #expect(try TIFFTestFiles.header(info).names.text == text)
    }
  }

  @Test("units of length are those of ImageJ and of OME")
  func units() {
    let cases: [(String, Double?)] = [
      ("mm", 1), ("micron", 0.001), ("\u{B5}m", 0.001), ("\u{3BC}m", 0.001), ("\\u00B5m", 0.001),
      ("um", 0.001),
      ("\u{FFFD}m", 0.001), ("cm", 10), ("inch", 25.4), ("nm", 1e-6), ("m", 1000), ("\u{C5}", 1e-7),
      ("pixel", nil),
      ("reference frame", nil), ("", nil),
    ]
    for (unit, millimeters) in cases { #expect(LengthUnit.millimeters(unit) == millimeters, "\(unit)") }
  }

  @Test("ImageJ's counts that do not fit the pages are announced, or refused where images are missing")
  func counts() throws {
    #expect(try info("ImageJ=1.54f\nimages=1\nslices=1\n").notes.isEmpty)
    let notes = try info("ImageJ=1.54f\nchannels=2\nslices=3\n").notes
    #expect(
      notes.count == 1 && notes[0].contains("2 channels, 3 slices and 1 frames, but has 1 images"), "\(notes)"
    )
    for text in ["images=0", "images=-1", "slices=x", "channels=99999999999999999999", "frames=1e9"] {
      #expect(failure("ImageJ=1.54f\n\(text)\n")?.message.contains(text) == true, "\(text)")
    }
    // One page holds one image of 4 bytes.
    for images in [2, 1000, 2_147_483_647] {
      let message = failure("ImageJ=1.54f\nimages=\(images)\n")?.message ?? ""
      #expect(message.contains("\(images) images") || images == 2, "\(message)")
    }
  }

  @Test("OME's sizes give the size of a voxel; without a unit they are micrometers")
  func physicalSizes() throws {
    let found = try info(ome(sizes + " PhysicalSizeX=\"500\" PhysicalSizeY=\"2\" PhysicalSizeYUnit=\"mm\""))
    #expect(found.metadata.spacing == PerAxis(x: 0.5, y: 2, z: 1) && found.metadata.place == .spacing)
    for missing in [
      "PhysicalSizeX=\"1\"", "PhysicalSizeX=\"0\" PhysicalSizeY=\"1\"",
      "PhysicalSizeX=\"nan\" PhysicalSizeY=\"1\"",
    ] {
      #expect(try info(ome("\(sizes) \(missing)")).metadata.place == .unknown, "\(missing)")
    }
  }

  @Test("OME that contradicts the pages names what does")
  func contradictions() throws {
    let cases = [
      (ome(sizes.replacing("SizeX=\"2\"", with: "SizeX=\"3\"")), "3x2 pixels"),
      (ome(sizes.replacing("SizeZ=\"1\"", with: "SizeZ=\"5\"")), "5 slices"),
      (ome(sizes.replacing("SizeT=\"1\"", with: "SizeT=\"2147483647\"")), "2147483647 time points"),
      (ome(sizes.replacing("SizeC=\"1\"", with: "SizeC=\"0\"")), "SizeC=\"0\""),
      (ome(sizes.replacing("XYZCT", with: "XYZZT")), "DimensionOrder"),
      (ome(sizes.replacing("SizeY", with: "SizeQ")), "SizeY"),
      (ome(sizes, inside: "<TiffData IFD=\"1\"/>"), "pages for 0 planes"),
      (ome(sizes, inside: "<TiffData IFD=\"-1\"/>"), "IFD=\"-1\""),
      (ome(sizes, inside: String(repeating: "<TiffData/>", count: 5)), "again and again"),
      ("<OME></OME>", "names no image"),
    ]
    for (text, words) in cases {
      let error = failure(text)
      #expect(
        error?.code == .malformedFile && error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }

  @Test("planes in other files are refused, and those in this one are not")
  func otherFiles() throws {
    func text(_ name: String, root: String = "", own: String = "urn:uuid:a") -> String {
      ome(sizes, inside: "<TiffData IFD=\"0\"><UUID FileName=\"\(name)\">\(own)</UUID></TiffData>")
        .replacing("<OME>", with: "<OME\(root)>")
    }
    #expect(try info(text("renamed.tif", root: " UUID=\"urn:uuid:a\"")).extent.depth == 1)
    #expect(try info(text("FILE.tif")).extent.depth == 1)
    let cases = [
      text("other.tif"), text("other.tif", root: " UUID=\"urn:uuid:b\""),
      "<OME><BinaryOnly MetadataFile=\"other.tif\" UUID=\"a\"/></OME>",
    ]
    for text in cases {
      let error = failure(text)
      #expect(error?.code == .unsupportedFormat && error?.message.contains("other.tif") == true)
    }
  }

  @Test("of several images, the first is read and the others are announced")
  func severalImages() throws {
    let text = ome(sizes).replacing("</OME>", with: "<Image><Pixels SizeX=\"9\"/></Image></OME>")
    #expect(try info(text).notes == ["has 2 images in its OME description, of which the first is read"])
  }

  @Test("a document type with entities, however many, is refused and expands to nothing")
  func bombs() {
    var entities = "<!ENTITY a0 \"aaaaaaaaaa\">"
    for level in 1..<10 {
      entities += "<!ENTITY a\(level) \"\(String(repeating: "&a\(level - 1);", count: 10))\">"
    }
    let bomb = ome(sizes, before: "<!DOCTYPE OME [\(entities)]>", inside: "&a9;")
    #expect(failure(bomb)?.message.contains("document type") == true)
    let file = ome(sizes, before: "<!DOCTYPE OME [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", inside: "&x;")
    #expect(failure(file)?.message.contains("document type") == true)
    #expect(failure(ome(sizes, inside: "&x;"))?.message.contains("an entity") == true)
    let deep = ome(sizes, inside: String(repeating: "<a>", count: 100_000))
    #expect(failure(deep)?.message.contains("too deeply") == true)
    let wide = ome(sizes + (0..<100).map { " a\($0)=\"\"" }.joined())
    #expect(failure(wide)?.message.contains("too many attributes") == true)
  }
}

@Suite("XML of OME-TIFF")
struct XMLScannerTests {
  private func events(_ text: String) throws -> [XMLScanner.Event] {
    var scanner = XMLScanner(text)
    var events: [XMLScanner.Event] = []
    while let event = try scanner.next() { events.append(event) }
    return events
  }

  @Test("elements, attributes, entities, comments and prefixes")
  func events() throws {
    let found = try events(
      "\u{FEFF}<?xml version='1.0'?><!-- <a> --><o:A x='1 > 0' y = \"&lt;&#181;&#xB5;&amp;\"><B/>t&gt;<![CDATA[<c>&]]></o:A >"
    )
    #expect(
      found == [
        .text("\u{FEFF}"), .start("A", ["x": "1 > 0", "y": "<µµ&"]), .start("B", [:]), .end("B"), .text("t>"),
        .text("<c>&"), .end("A"),
      ])
  }

  @Test(
    "what is not well-formed is an error",
    arguments: [
      "<a>", "<a", "<a b>", "<a b=c>", "<a b='c>", "<a></b>", "</a>", "<a><b></a></b>", "<!-- a",
      "<![CDATA[ a", "<?a",
      "<a>&b;</a>", "<a>&#xD800;</a>", "<a>&amp</a>", "<!DOCTYPE a><a/>", "< a/>", "<a b='&c;'/>", "<",
    ])
  func errors(text: String) {
    let error = #expect(throws: VoxtileError.self) { try events(text) }
    #expect(error?.code == .malformedFile)
  }

  @Test("each prefix and each change of a document ends")
  func ends() throws {
    let text = Array("<?xml?><o:A x='&lt;1'><!-- c --><B y=\"2\"/>t<![CDATA[d]]></o:A>".utf8)
    var random = SplitMix64(seed: 3)
    for count in text.indices { _ = try? events(String(decoding: text[..<count], as: UTF8.self)) }
    for _ in 0..<5000 {
      var changed = text
      changed[Int.random(in: changed.indices, using: &random)] = .random(in: 0...127, using: &random)
      _ = try? events(String(decoding: changed, as: UTF8.self))
    }
  }
}
