import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Malformed manifests")
struct ManifestMalformedTests {
  private static let scan = GoldenFolder.all[0]

  private func bytes() throws -> [UInt8] { try fileBytes(Self.scan.path() + "/" + Manifest.fileName) }

  private func tree() throws -> Any { try JSONSerialization.jsonObject(with: Data(bytes())) }

  /// Reads a manifest; where it is accepted, verifies and merges by it. Anything but an error of the package is
  /// a failure.
  private func use(_ json: Data, _ comment: Comment) throws {
    do {
      _ = try Manifest(json: json)
    } catch let error as VoxtileError {
      #expect(!error.message.isEmpty && !error.message.contains("DecodingError"), comment)
      return
    }
    try withTemporaryFolder { folder in
      try json.write(to: URL(filePath: "\(folder)/m.json"))
      do {
        let store = try PatchStore(contentsOf: Self.scan.path(), manifest: "\(folder)/m.json")
        _ = try store.verify(against: Self.scan.imagePath())
        try store.merge(to: "\(folder)/out.nii")
      } catch let error as VoxtileError {
        #expect(!error.message.isEmpty && error.context.file != nil, comment)
      }
      #expect(try fileNames(in: folder).allSatisfy { ["m.json", "out.nii"].contains($0) }, comment)
    }
  }

  @Test("every prefix is refused")
  func prefixes() throws {
    // Nothing but the line end may be missing.
    let bytes = try bytes()
    for count in 0..<bytes.count - 1 {
      let error = #expect(throws: VoxtileError.self, "first \(count) bytes") {
        try Manifest(json: Data(bytes[..<count]))
      }
      #expect(error?.code == .malformedFile)
    }
    #expect(throws: Never.self) { try Manifest(json: Data(bytes)) }
  }

  @Test("a thousand mutated bytes are refused or usable")
  func mutations() throws {
    let bytes = try bytes()
    for var random in SplitMix64.cases(1000, from: 1) {
      var mutated = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: mutated.indices, using: &random)
        let values: [UInt8] = [
          UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "."), UInt8(ascii: "\""), 0,
          0xFF,
          UInt8.random(in: 0...255, using: &random),
        ]
        mutated[index] = values.randomElement(using: &random) ?? 0
      }
      try use(Data(mutated), "\(random)")
    }
  }

  @Test("every value replaced by another is refused or usable")
  func replacedValues() throws {
    let values: [Any] = [
      NSNull(), -1, 0, 1, 2, Int(Int32.max), Int.max, Int.min, 1e300, 0.5, "", "../x", [Int](), [1, 2],
      [Int.max, Int.max, Int.max], [Int.min, 0, 0], [1 << 24, 1, 1], [String: Int](), true, "constant:1e308",
    ]
    let tree = try tree()
    // Patches are all alike: the first and the last will do.
    let paths = Self.paths(in: tree).filter { path in
      guard case .key("patches") = path.first, path.count > 1 else { return true }
      return path[1] == .index(0) || path[1] == .index(7)
    }
    #expect(paths.count > 40)
    for path in paths where !path.isEmpty {
      for value in values {
        let changed = Self.replacing(path[...], in: tree, with: value)
        try use(JSONSerialization.data(withJSONObject: changed), "\(path) = \(value)")
      }
    }
  }

  @Test("messages name the field and both values")
  func messages() throws {
    typealias Change = (String, [Step], Any)
    let patch: [Step] = [.key("patches"), .index(3)]
    let cases: [Change] = [
      ("version 3, this program reads versions 1 and 2; use a newer one", [.key("version")], 3),
      ("source.channels = 0", [.key("source"), .key("channels")], 0),
      ("source.extent = [7, 6]", [.key("source"), .key("extent")], [7, 6]),
      ("source.extent = [7, 6, 0]", [.key("source"), .key("extent"), .index(2)], 0),
      ("source.affine", [.key("source"), .key("affine"), .index(1)], [1, 2, 3]),
      ("source.scaling", [.key("source"), .key("scaling"), .key("slope")], 0),
      ("source.scalarType", [.key("source"), .key("scalarType")], "int12"),
      ("overlap 4 along x", [.key("grid"), .key("overlap"), .index(0)], 4),
      ("overlap -1 along x", [.key("grid"), .key("overlap"), .index(0)], -1),
      ("grid.edge = [\"sideways\"", [.key("grid"), .key("edge"), .index(0)], "sideways"),
      ("grid.padding = none", [.key("grid"), .key("padding")], "none"),
      ("grid.padding = constant:nan", [.key("grid"), .key("padding")], "constant:nan"),
      ("grid.order", [.key("grid"), .key("order")], "y"),
      (
        "at least the 16777213 that its grid has along x", [.key("source"), .key("extent"), .index(0)],
        50_331_640
      ),
      ("patches[3]", patch + [.key("origin"), .index(1)], 4),
      ("patches[3]", patch + [.key("index")], 4),
      ("patches[3]", patch + [.key("extent"), .index(1)], 3),
      ("patches[3].file = ../../etc/passwd", patch + [.key("file")], "../../etc/passwd"),
      ("patches[3].file = /etc/passwd", patch + [.key("file")], "/etc/passwd"),
      ("patches[3].file = ..", patch + [.key("file")], ".."),
      ("patches[3].file = a\0b", patch + [.key("file")], "a\0b"),
      ("a name used once", patch + [.key("file")], "patch_0000_x000_y-001_z000.nii.gz"),
      ("crc32: and 8 hexadecimal digits", patch + [.key("checksum")], "crc32:+1234567"),
      ("8 patches", [.key("source"), .key("extent"), .index(2)], 11),
    ]
    for (message, path, value) in cases {
      let changed = Self.replacing(path[...], in: try tree(), with: value)
      let error = #expect(throws: VoxtileError.self, "\(message)") {
        try Manifest(json: JSONSerialization.data(withJSONObject: changed))
      }
      #expect(error?.message.contains(message) == true, "\(message): \(String(describing: error))")
    }
  }

  @Test("a damaged header in the manifest is named as that, not as a fault of the output")
  func damagedHeader() throws {
    let path: [Step] = [.key("source"), .key("header"), .key("bytes")]
    let changed = Self.replacing(path[...], in: try tree(), with: "AAAA")
    try withTemporaryFolder { folder in
      try JSONSerialization.data(withJSONObject: changed).write(to: URL(filePath: "\(folder)/m.json"))
      let store = try PatchStore(contentsOf: Self.scan.path(), manifest: "\(folder)/m.json")
      let error = #expect(throws: VoxtileError.self) { try store.merge(to: "\(folder)/out.nii") }
      #expect(error?.message.contains("source.header of the manifest") == true)
      #expect(try fileNames(in: folder) == ["m.json"])
    }
  }

  @Test("a file that is not a manifest is an error with its path")
  func otherFiles() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/voxtile.json"
      for text in ["", "[]", "{}", "nonsense", "{\"version\": \"1\"}", "{\"version\": 1}", "\u{FEFF}", "NaN"]
      {
        try writeFile([UInt8](text.utf8), to: path)
        let error = #expect(throws: VoxtileError.self, "\(text)") { try PatchStore(contentsOf: folder) }
        #expect(error?.code == .malformedFile && error?.context.file == path, "\(text)")
      }
      try writeFile([UInt8](repeating: UInt8(ascii: "["), count: 100_000), to: path)
      #expect(throws: VoxtileError.self) { try PatchStore(contentsOf: folder) }
    }
  }
}

// MARK: - JSON trees

extension ManifestMalformedTests {
  enum Step: Hashable {
    case key(String)
    case index(Int)
  }

  /// The paths to everything in a tree.
  fileprivate static func paths(in tree: Any) -> [[Step]] {
    var children: [(Step, Any)] = []
    if let object = tree as? [String: Any] {
      children = object.sorted { $0.key < $1.key }.map { (.key($0.key), $0.value) }
    } else if let array = tree as? [Any] {
      children = array.enumerated().map { (.index($0.offset), $0.element) }
    }
    return [[]] + children.flatMap { step, child in paths(in: child).map { [step] + $0 } }
  }

  fileprivate static func replacing(_ path: ArraySlice<Step>, in tree: Any, with value: Any) -> Any {
    guard let step = path.first else { return value }
    switch step {
    case .key(let key):
      guard var object = tree as? [String: Any] else { return tree }
      object[key] = object[key].map { replacing(path.dropFirst(), in: $0, with: value) }
      return object
    case .index(let index):
      guard var array = tree as? [Any] else { return tree }
      array[index] = replacing(path.dropFirst(), in: array[index], with: value)
      return array
    }
  }
}
