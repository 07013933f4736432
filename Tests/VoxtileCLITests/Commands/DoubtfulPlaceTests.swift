import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

/// What the program says of images whose header is doubtful, that lie elsewhere, or that have no place.
@Suite("Images in doubt, on the command line")
struct DoubtfulPlaceTests {
  private struct Info: Decodable {
    let spacing: [Double]
    let place: String
    let notes: [String]
  }

  /// Changes 16-bit numbers in the header of a NIfTI file.
  private func change(_ program: Program, _ name: String, _ values: [Int: Int16]) throws {
    var bytes = try fileBytes(program.path(name))
    for (offset, value) in values {
      bytes[offset] = UInt8(truncatingIfNeeded: value)
      bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }
    try writeFile(bytes, to: program.path(name))
  }

  @Test(
    "units are converted and said once by each command that reads the image, and by info as one of its lines")
  func micrometers() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(12))
      // xyzt_units, with the byte before it.
      try change(program, "a.nii", [122: 3 << 8])
      let note =
        "a.nii gives lengths in micrometers, which are converted to mm: voxels of 0.002 x 0.0015 x 0.0025 mm"
      let info = try program("info", "a.nii")
      #expect(info.messages.isEmpty && info.output.contains("0.002 x 0.0015 x 0.0025 mm\n"), "\(info)")
      #expect(info.output.contains("note         the file gives lengths in micrometers"))
      let json = try program("info", "a.nii", "--json").json([Info].self)
      #expect(json[0].place == "world" && json[0].notes.count == 1)
      for arguments in [
        ["plan", "a.nii", "--patch", "8"],
        ["crop", "a.nii", "--patch", "8", "-o", "p", "--report", "c.html"],
        ["verify", "p", "--against", "a.nii"],
        ["report", "a.nii", "--patch", "8", "--overlay", "a.nii", "-o", "r.html"],
        ["plan", "a.nii", "--fit", "--patch", "8"],
      ] {
        let run = try program.run(arguments)
        #expect(run.status == 0 && run.messages.ranges(of: note).count == 1, "\(arguments): \(run)")
      }
      #expect(try program("plan", "a.nii", "--patch", "8", "--quiet").messages.isEmpty)
      #expect(try program("merge", "p", "-o", "m.nii").status == 0)
      #expect(try fileBytes(program.path("m.nii")) == fileBytes(program.path("a.nii")))
    }
  }

  @Test("a file that does not say which side is left says so in info")
  func unoriented() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(6))
      try change(program, "a.nii", [252: 0, 254: 0])
      let run = try program("info", "a.nii")
      #expect(run.output.contains("2 x 1.5 x 2.5 mm\n"), "\(run.output)")
      #expect(run.output.contains("unknown: the file does not say which side is left"))
      #expect(try program("info", "a.nii", "--json").json([Info].self)[0].place == "spacing")
    }
  }

  @Test("a PNG has pixels: no voxels, mm, z or orientation in what is said")
  func pixels() throws {
    try withProgram { program in
      let extent = Extent(width: 50, height: 40)
      try program.makeImage("a.png", extent, as: UInt8.self, limit: 255)
      for arguments in [
        ["info", "a.png"], ["plan", "a.png", "--patch", "16", "--overlap", "0", "--edge", "discard"],
        ["crop", "a.png", "--patch", "16", "--overlap", "0", "--edge", "discard", "-o", "p", "--verbose"],
        ["merge", "p", "-o", "m.png", "--verbose"], ["verify", "p", "--against", "a.png"],
      ] {
        let run = try program.run(arguments)
        #expect(run.status == 0, "\(arguments): \(run)")
        let text = run.output + run.messages
        for word in ["voxel", " mm", "RAS", "starts z", "layout z", "50x40x1"] {
          #expect(!text.contains(word), "\(arguments) \(word): \(text)")
        }
        #expect(text.contains("pixels") || arguments[0] == "verify")
      }
    }
  }

  @Test("report and verify refuse an image that lies elsewhere, and find no original there")
  func elsewhere() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(12))
      #expect(try program("crop", "a.nii", "--patch", "8", "-o", "p").status == 0)
      var other = try Volume<Int16>(contentsOf: program.path("a.nii"))
      other.metadata = VolumeMetadata(affine: other.metadata.affine.moved(to: Position(x: 0, y: 0, z: 100)))
      try FileManager.default.createDirectory(atPath: program.path("q"), withIntermediateDirectories: true)
      try other.write(to: program.path("q/a.nii"))
      for arguments in [
        ["report", "a.nii", "--patch", "8", "--overlay", "q/a.nii", "-o", "r.html"],
        ["report", "p", "--merged", "q/a.nii", "-o", "r.html"],
        ["report", "p", "--against", "q/a.nii", "-o", "r.html"], ["verify", "p", "--against", "q/a.nii"],
      ] {
        let run = try program.run(arguments)
        #expect(run.status == 1 && run.messages.contains("q/a.nii: the "), "\(arguments): \(run)")
        #expect(run.messages.contains("lies elsewhere than") && run.messages.contains("by up to 250 mm"))
      }
      #expect(!FileManager.default.fileExists(atPath: program.path("r.html")))
      // Next to the folder lies a file of that name which is not the original: the page shows the patches.
      try FileManager.default.moveItem(atPath: program.path("p"), toPath: program.path("q/p"))
      try FileManager.default.removeItem(atPath: program.path("a.nii"))
      #expect(try program("report", "q/p", "-o", "r.html").status == 0)
    }
  }

  @Test("JSON stays JSON where names have control characters")
  func controlCharactersInJSON() throws {
    struct Named: Decodable { let file: String }
    try withProgram { program in
      let name = "a\u{1B}\u{7F}\u{9B}\u{202E}.nii"
      try program.makeImage("a.nii", Extent(4))
      try FileManager.default.moveItem(atPath: program.path("a.nii"), toPath: program.path(name))
      let run = try program("info", name, "--json")
      #expect(run.output.unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7F).contains($0.value) })
      #expect(try run.json([Named].self).map(\.file) == [name])
    }
  }

  @Test("control characters of names are escaped wherever they are printed")
  func controlCharacters() throws {
    try withProgram { program in
      let name = "a\u{1B}[2J\n.nii"
      try program.makeImage("a.nii", Extent(8))
      try FileManager.default.moveItem(atPath: program.path("a.nii"), toPath: program.path(name))
      try writeFile([1, 2], to: program.path("b\u{7}.nii"))
      for arguments in [
        ["info", name], ["info", "b\u{7}.nii"], ["plan", name, "--patch", "4", "--verbose"],
        ["crop", name, "--patch", "4", "-o", "p\u{1B}[31m", "--verbose"],
        ["merge", "p\u{1B}[31m", "-o", "m\u{1B}c.nii", "--verbose"],
        ["verify", "p\u{1B}[31m", "--against", name], ["plan", name, "--p\u{1B}c", "4"],
        ["report", "p\u{1B}[31m", "-o", "r\u{1B}c.html"], ["info", "none\u{1B}c"],
        ["plan", "\u{1B}c", "--fit"],
      ] {
        let run = try program.run(arguments)
        let text = run.output + run.messages
        #expect(
          !text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F }, "\(arguments)")
        #expect(!text.contains("[2J\n"), "\(arguments): \(text)")
        #expect(
          text.contains(#"\x1B"#) || text.contains(#"\x07"#) || arguments[0] == "plan",
          "\(arguments): \(text)")
      }
    }
  }
}
