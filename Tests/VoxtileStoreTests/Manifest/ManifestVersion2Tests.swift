import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Manifest version 2")
struct ManifestVersion2Tests {
  private func manifest(_ scalarType: ScalarType = .uint8, channels: Int = 1) throws -> Manifest {
    let grid = try PatchGrid(over: Extent(5), patch: Extent(4), overlap: .voxels(1))
    let info = TestImage(grid.extent, channels: channels, scalarType).info
    return Manifest(
      source: Manifest.Source(name: "a.nii", info: info), grid: grid, fileExtension: "nii",
      entries: grid.map { Manifest.Entry(file: "p\($0.index).nii", checksum: Checksum(UInt32($0.index))) })
  }

  private func tree(_ manifest: Manifest) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: manifest.json()) as? [String: Any])
  }

  private func read(_ tree: [String: Any]) throws -> Manifest {
    try Manifest(json: JSONSerialization.data(withJSONObject: tree))
  }

  @Test("what old programs understand is version 1, even with a suffix and a format")
  func version1() throws {
    var manifest = try manifest()
    #expect(try tree(manifest)["version"] as? Int == 1)
    #expect(try tree(manifest)["requires"] == nil && (try tree(manifest)["fileSuffix"]) == nil)
    manifest.fileSuffix = "_0000"
    manifest.fileFormat = "nifti"
    for index in manifest.entries.indices { manifest.entries[index].file = "p\(index)_0000.nii" }
    let tree = try tree(manifest)
    #expect(tree["version"] as? Int == 1 && tree["requires"] == nil)
    let found = try read(tree)
    #expect(found.fileSuffix == "_0000" && found.fileFormat == "nifti" && found.entries == manifest.entries)
  }

  @Test("each key that must be understood is written, named, and read again")
  func roundTrip() throws {
    var palette = try manifest()
    palette.source.palette = [.init(red: 1, green: 2, blue: 3), .init(red: 4, green: 5, blue: 6, alpha: 7)]
    var turned = try manifest()
    turned.entries[3].axes = try #require(FileAxes(["-z", "x", "-y"]))
    var changed = try manifest(.int16, channels: 2)
    changed.values = ValueMap(
      scalarType: .uint8, scaling: .init(slope: 0.5, intercept: 3),
      steps: [[.clip(low: -1000, high: 400), .scale(slope: 0.1, intercept: -0.3)], []])
    for (manifest, key) in [(palette, "source.palette"), (turned, "patches.axes"), (changed, "values")] {
      let tree = try tree(manifest)
      #expect(tree["version"] as? Int == 2 && tree["requires"] as? [String] == [key])
      let found = try read(tree)
      #expect(
        found.source == manifest.source && found.entries == manifest.entries
          && found.values == manifest.values)
      #expect(try found.json() == manifest.json())
    }
  }

  @Test("a file of version 2 is read as it stands")
  func golden() throws {
    let text = #"""
      {"version": 2, "requires": ["patches.axes", "source.palette", "values"],
       "source": {"name": "cells.png", "extent": [6, 4, 1], "channels": 1, "scalarType": "uint8", "isLabelMap": true,
         "palette": [[0, 0, 0], [255, 128, 0, 64]], "affine": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]},
       "grid": {"patch": [4, 4, 1], "overlap": [0, 0, 0], "edge": ["shift", "shift", "shift"], "padding": "constant", "order": "x"},
       "fileExtension": "png", "fileFormat": "png", "fileSuffix": "_0000",
       "values": {"scalarType": "uint16", "steps": [[{"clip": [0, 200]}, {"scale": [2, 1]}]]},
       "patches": [
         {"index": 0, "origin": [0, 0, 0], "extent": [4, 4, 1], "file": "a_0000.png", "checksum": "crc32:0f2a9c41"},
         {"index": 1, "origin": [2, 0, 0], "extent": [4, 4, 1], "file": "b_0000.png", "checksum": "crc32:81d3e07b",
          "axes": ["y", "-x", "z"]}]}
      """#
    let manifest = try Manifest(json: Data(text.utf8))
    #expect(
      manifest.source.palette == [
        .init(red: 0, green: 0, blue: 0), .init(red: 255, green: 128, blue: 0, alpha: 64),
      ])
    #expect(manifest.entries.map(\.axes.names) == [["x", "y", "z"], ["y", "-x", "z"]])
    #expect(manifest.fileSuffix == "_0000" && manifest.fileFormat == "png")
    let steps: [ValueMap.Step] = [.clip(low: 0, high: 200), .scale(slope: 2, intercept: 1)]
    #expect(manifest.values == ValueMap(scalarType: .uint16, steps: [steps]))
    #expect(manifest.expectedInfo(of: manifest.grid[0]).scalarType == .uint16)
  }

  @Test("what it requires and this program does not know is refused by name, whatever the rest looks like")
  func unknownRequirement() throws {
    for text in [
      #"{"version": 2, "requires": ["samples"]}"#,
      #"{"patches": "elsewhere", "version": 2, "grid": 7, "requires": ["values", "samples"]}"#,
    ] {
      let error = #expect(throws: VoxtileError.self) { try Manifest(json: Data(text.utf8)) }
      #expect(error?.code == .unsupportedFormat && error?.message.contains("requires 'samples'") == true)
    }
    let later = #expect(throws: VoxtileError.self) {
      try Manifest(json: Data(#"{"patches": 5, "source": [], "version": 3, "requires": ["samples"]}"#.utf8))
    }
    #expect(later?.message.contains("version 3, this program reads versions 1 and 2") == true)
  }

  @Test("other unknown keys are skipped, in version 1 also those of version 2")
  func skipped() throws {
    var tree = try tree(try manifest())
    tree["values"] = 5
    tree["tool"] = ["a": [1, NSNull()]]
    #expect(try read(tree).values == nil)
    tree["version"] = 2
    let error = #expect(throws: VoxtileError.self) { try read(tree) }
    #expect(error?.message.contains("values = number; it should be an object") == true)
    tree["values"] = nil
    #expect(try read(tree).entries.count == 8)
  }

  @Test("a key that must be understood counts only where it is required")
  func unlisted() throws {
    var manifest = try manifest()
    manifest.values = ValueMap(scalarType: .float32)
    var tree = try tree(manifest)
    tree["requires"] = [String]()
    var error = #expect(throws: VoxtileError.self) { try read(tree) }
    #expect(error?.message.contains("with 'values', which is there") == true)
    tree["requires"] = ["values", "patches.axes"]
    error = #expect(throws: VoxtileError.self) { try read(tree) }
    #expect(error?.message.contains("without 'patches.axes', which is not there") == true)
    tree["requires"] = ["values"]
    tree["version"] = 1
    error = #expect(throws: VoxtileError.self) { try read(tree) }
    #expect(error?.message.contains("version = 1; it should be 2, since it requires 'values'") == true)
  }

  @Test("values that cannot be are refused with their names")
  func refused() throws {
    var good = try manifest()
    good.source.palette = [.init(red: 1, green: 2, blue: 3)]
    good.values = ValueMap(scalarType: .uint8, steps: [[.clip(low: 0, high: 1)]])
    good.entries[0].axes = try #require(FileAxes(["-x", "y", "z"]))
    let tree = try tree(good)
    func changed(_ key: String, _ value: Any, in object: String? = nil) -> [String: Any] {
      var tree = tree
      guard let object else {
        tree[key] = value
        return tree
      }
      var inner = tree[object] as? [String: Any] ?? [:]
      inner[key] = value
      tree[object] = inner
      return tree
    }
    var patches = try #require(tree["patches"] as? [[String: Any]])
    patches[0]["axes"] = ["x", "-x", "z"]
    let cases: [(String, [String: Any])] = [
      ("source.palette = [1, 2]", changed("palette", [[1, 2]], in: "source")),
      ("source.palette = [1, 2, 256]", changed("palette", [[1, 2, 256]], in: "source")),
      ("source.palette = 0 colors", changed("palette", [Int](), in: "source")),
      ("for one channel", changed("scalarType", "int16", in: "source")),
      ("values = 2 lists of steps", changed("steps", [[Any](), [Any]()], in: "values")),
      (
        "values = a number that is not finite, or low above high",
        changed("steps", [[["clip": [2, 1]]]], in: "values")
      ),
      ("values.steps = a list that is out of range", changed("steps", [[["gamma": [2, 1]]]], in: "values")),
      ("values.scalarType = int12", changed("scalarType", "int12", in: "values")),
      ("values.scaling = 0.0, 1.0", changed("scaling", ["slope": 0, "intercept": 1], in: "values")),
      ("patches[0].axes = [\"x\", \"-x\", \"z\"]", changed("patches", patches)),
      ("patches[0].file = p0.nii; it should be a name that ends with _1.nii", changed("fileSuffix", "_1")),
      ("fileSuffix = ../", changed("fileSuffix", "../")),
    ]
    for (message, tree) in cases {
      let error = #expect(throws: VoxtileError.self, "\(message)") { try read(tree) }
      #expect(error?.message.contains(message) == true, "\(message): \(String(describing: error))")
    }
  }
}
