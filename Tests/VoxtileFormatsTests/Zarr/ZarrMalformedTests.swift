import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Damaged Zarr stores", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct ZarrMalformedTests {
  /// A store in a folder of its own, with all its files.
  private func withStores(
    _ body: (_ path: String, _ name: String, _ files: [(path: String, bytes: [UInt8])]) throws -> Void
  ) throws {
    let folder = try ZarrTestFiles.fixtures
    for expected in try ZarrTestFiles.expected(in: folder) where !expected.path.hasSuffix("/1") {
      try withTemporaryFolder { target in
        let path = "\(target)/\(expected.path)"
        try FileManager.default.copyItem(atPath: "\(folder)/\(expected.path)", toPath: path)
        let files = try FileManager.default.subpathsOfDirectory(atPath: path).sorted().compactMap { name in
          (try? fileBytes("\(path)/\(name)")).map { ("\(path)/\(name)", $0) }
        }
        try body(path, expected.name, files)
      }
    }
  }

  /// Reads a store, which gives an image or an error of ours.
  @discardableResult
  private func read(_ path: String, _ comment: @autoclosure () -> String) throws -> [UInt8]? {
    do {
      let reader = try ImageFormats.open(path)
      let whole = Region(reader.info.extent)
      // A mutated size may be large; what there is of it is read all the same.
      if reader.info.byteCount(of: whole) > 1 << 20 {
        _ = try ZarrTestFiles.voxels(of: reader, Region(x: 0..<1, y: 0..<1, z: 0..<1))
        return nil
      }
      return try ZarrTestFiles.voxels(of: reader)
    } catch let error as VoxtileError {
      #expect(error.context.file != nil && !error.message.isEmpty, Comment(rawValue: comment()))
      return nil
    }
  }

  @Test("every prefix of every document and chunk is refused, or has every voxel still")
  func prefixes() throws {
    try withStores { path, name, files in
      let whole = try ZarrTestFiles.voxels(of: ImageFormats.open(path))
      for (file, bytes) in files {
        for count in Thoroughness.prefixes(of: bytes.count) {
          try writeNewFile(Array(bytes[..<count]), to: file)
          let found = try read(path, "\(name): \(count) bytes of \(file)")
          // A document of attributes may say less and still be one.
          if file.hasSuffix("json") || file.hasSuffix(".zarray") || !file.fileName.hasPrefix(".") {
            #expect(found == nil || found == whole, "\(name): \(count) bytes of \(file)")
          }
        }
        try writeNewFile(bytes, to: file)
      }
    }
  }

  @Test(
    "thousands of damaged documents, chunks and indices each give an error or an image, and never more memory than they take"
  )
  func mutations() throws {
    let count =
      ProcessInfo.processInfo.environment["VOXTILE_MUTATIONS"].flatMap { Int($0) }
      ?? Thoroughness.rounds(3000)
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    try withStores { path, name, files in
      for round in 0..<(count / 9) {
        guard let (file, bytes) = files.randomElement(using: &random), !bytes.isEmpty else { continue }
        var damaged = bytes
        for _ in 0...Int.random(in: 0...2, using: &random) {
          let place = Int.random(in: 0..<damaged.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
          case 1: damaged[place] = UInt8(ascii: "9")
          case 2: damaged.insert(damaged[place], at: place)
          default: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          }
        }
        try writeNewFile(damaged, to: file)
        try read(path, "\(name), seed \(seed), round \(round): \(file)")
        try writeNewFile(bytes, to: file)
      }
    }
  }

  /// A document of an array of Zarr v3.
  private static func document(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
    var fields: [(String, String)] = [
      ("zarr_format", "3"), ("node_type", #""array""#), ("shape", "[4,5]"), ("data_type", #""uint8""#),
      ("chunk_grid", #"{"name":"regular","configuration":{"chunk_shape":[4,5]}}"#),
      ("chunk_key_encoding", #"{"name":"default"}"#), ("fill_value", "3"), ("codecs", #"[{"name":"bytes"}]"#),
    ]
    for (key, value) in changes {
      fields.removeAll { $0.0 == key }
      if let value { fields.append((key, value)) }
    }
    return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  /// What is said of an array with such a document.
  private func message(_ document: String, file: String = "zarr.json") throws -> String {
    try withTemporaryFolder { folder in
      try writeFile(Array(document.utf8), to: "\(folder)/\(file)")
      do {
        let reader = try ImageFormats.open(folder)
        let values = try ZarrTestFiles.voxels(of: reader, Region(x: 0..<1, y: 0..<1, z: 0..<1))
        return "\(values)"
      } catch let error as VoxtileError {
        return error.message
      }
    }
  }

  @Test("each field that is missing, wrong or not known is named")
  func fields() throws {
    #expect(try message(Self.document()) == "[3]")
    let cases: [(KeyValuePairs<String, String?>, String)] = [
      (["zarr_format": "4"], "4 in the field zarr_format"), (["shape": nil], "no field shape"),
      (["shape": "[4,-5]"], "shape"), (["shape": "[4,5,6]"], "chunk_grid.configuration.chunk_shape"),
      (["shape": "[4]", "chunk_grid": #"{"name":"regular","configuration":{"chunk_shape":[4]}}"#], "1 axes"),
      (["shape": "[0,5]"], "at least one voxel"),
      (["shape": "[281474976710656,281474976710656]"], "no disk holds"),
      (["data_type": #""complex64""#], "complex64"), (["data_type": #"{"name":"struct"}"#], "struct"),
      (["chunk_grid": #"{"name":"rectangular"}"#], "rectangular"),
      (["chunk_key_encoding": #"{"name":"fancy"}"#], "fancy"),
      (["fill_value": "256"], "256 in the field fill_value"),
      (["fill_value": #""NaN""#], "fill_value"), (["codecs": "[]"], "codecs"),
      (["codecs": #"[{"name":"gzip","configuration":{"level":1}}]"#], "codecs[0]"),
      (["codecs": #"[{"name":"bytes"},{"name":"lz4hc"}]"#], "\"lz4hc\" in the field codecs[1].name"),
      (["codecs": #"[{"name":"bytes"},{"name":"lz4hc","must_understand":false}]"#], "lz4hc"),
      (
        ["codecs": #"[{"name":"transpose","configuration":{"order":[0,0]}},{"name":"bytes"}]"#],
        "codecs[0].configuration.order"
      ),
      (
        ["codecs": #"[{"name":"bytes","configuration":{"endian":"middle"}}]"#],
        "codecs[0].configuration.endian"
      ),
      (["storage_transformers": #"[{"name":"x"}]"#], "storage_transformers"),
      (["secret": "{}"], "the field secret"),
      (["secret": #"{"must_understand":true}"#], "the field secret"),
      (["dimension_names": #"["x"]"#], "dimension_names"),
      (["chunk_grid": #"{"name":"regular","configuration":{"chunk_shape":[65536,65536]}}"#], "65536 x 65536"),
      (
        [
          "codecs":
            #"[{"name":"sharding_indexed","configuration":{"chunk_shape":[3,5],"codecs":["bytes"],"index_codecs":["bytes"]}}]"#
        ], "codecs[0].configuration.chunk_shape"
      ),
    ]
    for (changes, words) in cases {
      let found = try message(Self.document(changes))
      #expect(found.contains(words), "\(changes): \(found)")
    }
    #expect(try message(Self.document(["secret": #"{"must_understand":false}"#])) == "[3]")
    #expect(try message(Self.document(["codecs": #"["bytes"]"#, "dimension_names": "[null,null]"])) == "[3]")
    let version2 =
      #"{"zarr_format":2,"shape":[4,5],"chunks":[4,5],"dtype":"TYPE","compressor":null,"fill_value":null,"order":"C","filters":FILTERS}"#
    func old(_ type: String, _ filters: String) throws -> String {
      let text = version2.replacingOccurrences(of: "TYPE", with: type)
      return try message(text.replacingOccurrences(of: "FILTERS", with: filters), file: ".zarray")
    }
    #expect(try old("|u1", "null") == "[0]" && old("<f4", "[]") == "[0, 0, 0, 0]")
    #expect(try old("<c8", "null").contains("\"<c8\" in the field dtype"))
    #expect(try old("|u1", #"[{"id":"delta"}]"#).contains("\"delta\" in the field filters"))
  }

  @Test("an index entry with only one of its two numbers set is damage, and so is one outside of the shard")
  func shardIndex() throws {
    let codecs =
      #"[{"name":"sharding_indexed","configuration":{"chunk_shape":[4,5],"codecs":["bytes"],"index_codecs":[{"name":"bytes","configuration":{"endian":"little"}}]}}]"#
    func read(_ offset: UInt64, _ count: UInt64) throws -> String {
      try withTemporaryFolder { folder in
        try writeFile(Array(Self.document(["codecs": codecs]).utf8), to: "\(folder)/zarr.json")
        try FileManager.default.createDirectory(atPath: "\(folder)/c/0", withIntermediateDirectories: true)
        var shard = [UInt8](0..<20)
        for number in [offset, count] { withUnsafeBytes(of: number.littleEndian) { shard += Array($0) } }
        try writeFile(shard, to: "\(folder)/c/0/0")
        do {
          return try "\(ZarrTestFiles.voxels(of: ImageFormats.open(folder), Region(x: 1..<2, y: 2..<3)))"
        } catch let error as VoxtileError {
          #expect(error.context.file == "\(folder)/c/0/0")
          return error.message
        }
      }
    }
    #expect(try read(0, 20) == "[11]" && read(.max, .max) == "[3]")
    for (offset, count) in [
      (UInt64.max, 20), (0, UInt64.max), (17, 20), (UInt64.max - 3, 20), (37, 0), (1 << 63, 1 << 63),
    ] {
      #expect(try read(offset, count).contains("at byte \(offset) with \(count) bytes"))
    }
    #expect(try read(0, 19).contains("19 bytes") && read(36, 0).contains("0 bytes"))
  }
}
