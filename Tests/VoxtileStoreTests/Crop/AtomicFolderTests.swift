import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Folders that appear whole")
struct AtomicFolderTests {
  private static let settings = GridSettings.with(Extent(3), 1)

  private func withScan(_ body: (_ folder: String, _ input: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try TestImage(Extent(4), .uint8).write(to: "\(folder)/in.nii")
      try body(folder, "\(folder)/in.nii")
    }
  }

  /// The error of a crop, which must change nothing.
  private func cropError(
    _ input: String, into target: String, in folder: String, replacing: Bool = false, format: String? = nil
  ) throws -> VoxtileError? {
    let before = try content(of: folder)
    let error = #expect(throws: VoxtileError.self) {
      try PatchStore.crop(
        input, into: target, settings: Self.settings,
        options: .init(fileExtension: format, isReplacing: replacing))
    }
    #expect(try content(of: folder) == before)
    return error
  }

  /// Everything below a folder, with its bytes.
  private func content(of folder: String) throws -> [String: [UInt8]] {
    var content: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      content[name] = (try? fileBytes("\(folder)/\(name)")) ?? []
    }
    return content
  }

  @Test("an older patch folder is kept, or replaced where that is asked for")
  func replacing() throws {
    try withScan { folder, input in
      let target = "\(folder)/patches/"
      try PatchStore.crop(input, into: target, settings: .with(Extent(2), 0))
      let error = try cropError(input, into: target, in: folder)
      #expect(error?.code == .targetExists && error?.remedy == .replaceTarget)
      try PatchStore.crop(input, into: target, settings: Self.settings, options: .init(isReplacing: true))
      #expect(try PatchStore(contentsOf: target).verify(against: input).findings.isEmpty)
      #expect(try fileNames(in: "\(folder)/patches").count == 9)
      #expect(try fileNames(in: folder) == ["in.nii", "patches"])
    }
  }

  @Test("an empty folder is taken, and folders above are made")
  func emptyAndMissing() throws {
    try withScan { folder, input in
      try FileManager.default.createDirectory(atPath: "\(folder)/empty", withIntermediateDirectories: false)
      for target in ["empty", "a/b/c", "d//e/"] {
        try PatchStore.crop(input, into: "\(folder)/\(target)", settings: Self.settings)
        #expect(try fileNames(in: "\(folder)/\(target)").count == 9)
      }
      #expect(try fileNames(in: folder) == ["a", "d", "empty", "in.nii"])
    }
  }

  @Test("a folder with anything else is never removed", arguments: [false, true])
  func foreignFiles(replacing: Bool) throws {
    try withScan { folder, input in
      for (name, isFolder) in [("thesis.txt", false), (".hidden", false), ("results", true)] {
        let target = "\(folder)/patches-\(name)"
        let store = try PatchStore.crop(input, into: target, settings: Self.settings)
        if isFolder {
          // Also under the name of a patch.
          try FileManager.default.removeItem(atPath: store.path(of: store.manifest.grid[0]))
          try FileManager.default.createDirectory(
            atPath: store.path(of: store.manifest.grid[0]), withIntermediateDirectories: false)
        } else {
          try writeFile([1, 2, 3], to: "\(target)/\(name)")
        }
        let error = try cropError(input, into: target, in: folder, replacing: replacing)
        #expect(error?.code == .targetExists)
        #expect(error?.message.contains(isFolder ? "patch_0000" : name) == true)
      }
      try FileManager.default.createDirectory(atPath: "\(folder)/other", withIntermediateDirectories: false)
      try writeFile([1], to: "\(folder)/other/voxtile.json")
      try writeFile([1], to: "\(folder)/other/a.nii")
      _ = try cropError(input, into: "\(folder)/other", in: folder, replacing: replacing)
    }
  }

  @Test(
    "a path that cannot become a folder is refused",
    arguments: ["in.nii", ".", "patches/..", "in.nii/patches"])
  func impossibleTargets(name: String) throws {
    try withScan { folder, input in
      for replacing in [false, true] {
        _ = try cropError(input, into: "\(folder)/\(name)", in: folder, replacing: replacing)
      }
      _ = try cropError(input, into: "", in: folder)
      _ = try cropError(input, into: "/", in: folder)
    }
  }

  @Test("the image that is cut is never removed with the folder it lies in")
  func inputInside() throws {
    try withScan { folder, input in
      let store = try PatchStore.crop(input, into: "\(folder)/patches", settings: Self.settings)
      let patch = store.path(of: store.manifest.grid[0])
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "patches")
      for target in ["patches", "link"] {
        let error = #expect(throws: VoxtileError.self) {
          try PatchStore.crop(
            patch, into: "\(folder)/\(target)", settings: .with(Extent(2), 0),
            options: .init(isReplacing: true))
        }
        #expect(error?.message.contains(patch) == true)
      }
      #expect(try store.verify().findings.isEmpty)
    }
  }

  @Test("a failed crop leaves nothing, not even the parent folders that it created")
  func failures() throws {
    try withScan { folder, input in
      let format = try cropError(input, into: "\(folder)/a/b/c", in: folder, format: "png")
      #expect(format?.code == .unsupportedFormat)
      // The name that the file was to have, not a temporary one.
      #expect(format?.context.file == "\(folder)/a/b/c/patch_0000_x000_y000_z000.png")
      #expect(try cropError(input, into: "\(folder)/d", in: folder, format: "xyz")?.code == .invalidOption)
      let bytes = try fileBytes(input)
      let packed = "\(folder)/in.nii.gz"
      try TestImage(Extent(16), .float64).write(to: packed)
      try writeFile(Array(try fileBytes(packed).dropLast(3000)), to: packed)
      #expect(try cropError(packed, into: "\(folder)/d", in: folder)?.context.file == packed)
      #expect(try fileBytes(input) == bytes)
    }
  }

  @Test("a folder that appears during the crop is not replaced")
  func race() throws {
    try withScan { folder, input in
      let progress = JobProgress { done, total in
        if done == total { try Self.makeFile("\(folder)/patches", "mine.txt") }
      }
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(
          input, into: "\(folder)/patches", settings: Self.settings,
          options: .init(isReplacing: true, progress: progress))
      }
      #expect(error?.code == .targetExists)
      let names = (try fileNames(in: folder), try fileNames(in: "\(folder)/patches"))
      #expect(names == (["in.nii", "patches"], ["mine.txt"]))
    }
  }

  private static func makeFile(_ folder: String, _ name: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try writeFile([1], to: "\(folder)/\(name)")
  }

  @Test("what a killed run left is removed by the next one, and a folder that it had set aside is put back")
  func abandoned() throws {
    try withScan { folder, input in
      let target = "\(folder)/p"
      let store = try PatchStore.crop(input, into: target, settings: Self.settings)
      let left = "\(folder)/\(TemporaryName.new(for: "p"))"
      try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: false)
      try writeFile([1, 2, 3], to: "\(left)/patch")
      // As after a kill between two renames, on a file system that cannot exchange names.
      try FileManager.default.moveItem(atPath: target, toPath: "\(left)/.older")
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(input, into: target, settings: .with(Extent(2), 0))
      }
      #expect(error?.code == .targetExists)
      #expect(try store.verify(against: input).findings.isEmpty)
      #expect(try fileNames(in: folder) == ["in.nii", "p"])
    }
  }

  @Test("a target that another program has written to meanwhile is kept")
  func changed() throws {
    try withScan { folder, input in
      let target = "\(folder)/p"
      try PatchStore.crop(input, into: target, settings: Self.settings)
      let mine = try AtomicFolder(target, replacing: true, of: .patches, keeping: [input])
      try writeFile([1], to: "\(mine.temporaryPath)/\(Manifest.fileName)")
      let other = try PatchStore.crop(
        input, into: target, settings: .with(Extent(2), 0), options: .init(isReplacing: true))
      let error = #expect(throws: VoxtileError.self) { try mine.commit() }
      #expect(error?.code == .targetExists && error?.message.contains("by another program") == true)
      #expect(try other.verify(against: input).findings.isEmpty)
    }
  }

  @Test("of two folders that take one name at once, one gets it and the other is refused")
  func rivals() throws {
    try withScan { folder, input in
      for number in 0..<300 {
        let target = "\(folder)/p\(number)"
        let rivals = try (0..<2).map { number in
          let rival = try AtomicFolder(
            target, replacing: false, of: .patches, durable: false, keeping: [input])
          try writeFile([UInt8(number)], to: "\(rival.temporaryPath)/\(Manifest.fileName)")
          return rival
        }
        let ready = Atomic(0)
        let errors = Mutex<[VoxtileError?]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { index in
          // Both start together, or one has always ended before the other looks.
          ready.add(1, ordering: .relaxed)
          while ready.load(ordering: .relaxed) < 2 {}
          var error: (any Error)?
          do { try rivals[index].commit() } catch let thrown { error = thrown }
          let outcome = error as? VoxtileError
          errors.withLock { $0.append(outcome) }
        }
        let failed = errors.withLock { $0.compactMap { $0 } }
        #expect(failed.map(\.code) == [.targetExists])
      }
    }
  }

  @Test("a file that somebody adds to the older folder meanwhile is not lost")
  func addedMeanwhile() throws {
    try withScan { folder, input in
      let target = "\(folder)/p"
      let store = try PatchStore.crop(input, into: target, settings: Self.settings)
      let progress = JobProgress { done, total in
        if done == total { try writeFile([1], to: "\(target)/notes.txt") }
      }
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(
          input, into: target, settings: .with(Extent(2), 0),
          options: .init(isReplacing: true, progress: progress))
      }
      #expect(error?.code == .targetExists && error?.message.contains("notes.txt") == true)
      #expect(try store.verify(against: input).unlistedFiles == ["notes.txt"])
      #expect(try fileNames(in: folder) == ["in.nii", "p"])
    }
  }

  @Test("who may read an older folder may read the new one, and nobody else")
  func mode() throws {
    try withScan { folder, input in
      let target = "\(folder)/p"
      try PatchStore.crop(input, into: target, settings: Self.settings)
      try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: target)
      let meanwhile = try AtomicFolder(target, replacing: true, of: .patches, keeping: [input])
      func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      #expect(try mode(meanwhile.temporaryPath) == 0o750)
      try PatchStore.crop(input, into: target, settings: Self.settings, options: .init(isReplacing: true))
      #expect(try mode(target) == 0o750)
    }
  }

  @Test(
    "a symbolic link stays, and the folder that it leads to is replaced; one that leads nowhere is refused")
  func symbolicLink() throws {
    try withScan { folder, input in
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/p", withDestinationPath: "disk/real")
      let error = try cropError(input, into: "\(folder)/p", in: folder)
      #expect(error?.code == .fileAccess && error?.message.contains("leads to \(folder)/disk/real") == true)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/disk/real", withIntermediateDirectories: true)
      for isReplacing in [false, true] {
        try PatchStore.crop(
          input, into: "\(folder)/p", settings: Self.settings, options: .init(isReplacing: isReplacing))
        #expect(try PatchStore(contentsOf: "\(folder)/disk/real").verify(against: input).findings.isEmpty)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/p") == "disk/real")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/disk") == ["real"])
      }
    }
  }
}
