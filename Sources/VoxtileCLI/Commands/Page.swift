import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How pages are made and written.
enum Page {
  /// Checks before the work that a page can be written.
  ///
  /// - Parameter reading: files that are read and must not be replaced.
  static func checkTarget(_ path: String, replacing isReplacing: Bool, reading: [String]) throws {
    try Target.checkIsNotRead(path, reading)
    try Target.checkFile(path, replacing: isReplacing)
  }

  /// Writes the page of a request.
  static func write(
    _ request: ReportRequest, to path: String, after steps: [ReportData.Origin.Step],
    replacing isReplacing: Bool, prediction: ReportData.Prediction? = nil, reading: [String] = []
  ) throws {
    var data = try data(of: request, for: [path], after: steps, replacing: isReplacing, reading: reading)
    if let prediction { data.show(prediction) }
    try write(data, to: path, replacing: isReplacing)
  }

  /// Reads what a page or an animation of a request shows.
  ///
  /// - Parameters:
  ///   - targets: the files that will be written, which are checked first.
  ///   - reading: files that are read and must not be replaced, besides those of the request.
  static func data(
    of request: ReportRequest, for targets: [String], after steps: [ReportData.Origin.Step] = [],
    replacing isReplacing: Bool, reading: [String] = []
  ) throws -> ReportData {
    for target in targets {
      try checkTarget(target, replacing: isReplacing, reading: request.files + reading)
    }
    let watch = Stopwatch("report")
    var data = try ReportData(try described(request, after: steps))
    watch.say()
    data.origin.steps.append(watch.step)
    if request.channels == nil { request.overlays.forEach { sayLeftOutChannels(of: $0, in: data) } }
    if let remark = data.patchPictures?.remark { Console.warn(remark) }
    return data
  }

  /// Says of how many channels of an overlay only the first are shown.
  private static func sayLeftOutChannels(of overlay: String, in data: ReportData) {
    let shown = data.layers.filter { $0.role == .overlay && $0.source?.file == overlay }.compactMap(\.channel)
    guard let last = shown.last, last.index + 1 < last.count else { return }
    Console.note(
      "\(overlay.printable) has \(last.count) channels, of which the first \(last.index + 1) are shown; "
        + "'voxtile convert --channel' writes another one by itself")
  }

  /// Writes the page of what was read.
  static func write(_ data: ReportData, to path: String, replacing isReplacing: Bool) throws {
    try ReportPage(data).write(to: path, replacing: isReplacing)
    // Of many, the page of all names each.
    if Console.subject == nil { Console.note("the page is \(path.printable)") }
  }

  /// Writes the animation of what was read.
  static func animate(_ data: ReportData, to path: String, replacing isReplacing: Bool) throws {
    let watch = Stopwatch("animation")
    let animation = ReportAnimation(data)
    try animation.write(to: path, replacing: isReplacing)
    watch.say()
    if animation.overlaysAreEmpty {
      Console.warn("no overlay has labels or values to show, so the animation reveals none")
    }
    guard Console.subject == nil else { return }
    let (shown, all) = (animation.shownPatches.count, animation.patchCount)
    let which = shown < all ? "\(shown) of \(all) patches, evenly spaced" : Console.count(all, "patch")
    let bytes = FileVersion(path).map { ", \(Console.bytes($0.byteCount))" } ?? ""
    Console.note(
      "the animation is \(path.printable): \(which), \(animation.size.width)x\(animation.size.height) pixels\(bytes)"
    )
  }

  /// Writes the page of a set of training patches.
  ///
  /// - Parameter scans: a folder or file with the scans, where they are not where the list says.
  static func write(
    ofSamples folder: String, scans: String? = nil, to path: String, limits: JobLimits,
    replacing isReplacing: Bool
  ) throws {
    let watch = Stopwatch("report")
    let bar = ProgressBar("report")
    defer { bar.clear() }
    let page = try SamplePage(
      contentsOf: folder, scans: scans, limits: limits, origin: origin, progress: bar.progress)
    bar.clear()
    watch.say()
    try page.write(to: path, replacing: isReplacing)
    Console.note("the page is \(path.printable)")
  }

  /// A request that records how its page was made, keeps within its memory, and stops when the program is interrupted.
  static func described(
    _ request: ReportRequest, after steps: [ReportData.Origin.Step] = []
  ) throws -> ReportRequest {
    var request = request
    try request.keep(within: request.limits.onThisMachine.memory)
    request.check = { try Interrupt.check() }
    request.origin = origin
    request.origin.steps = steps
    return request
  }

  /// The command and the program that make a page, and the time.
  static var origin: ReportData.Origin {
    ReportData.Origin(
      command: command, version: LibraryVersion.current, date: Date.now.formatted(.iso8601))
  }

  /// The command as it was typed, with quotation marks where a shell needs them.
  private static var command: String {
    (["voxtile"] + Program.arguments).map(\.quotedForShell).joined(separator: " ")
  }
}

extension ReportRequest {
  /// The files that the page is made from, as far as they can be written over: images, and those of a patch folder.
  fileprivate var files: [String] {
    let images = ([image, merged].compactMap(\.self) + overlays).flatMap {
      ImageFormats.registry.files(of: $0)
    }
    guard let store else { return images }
    return images + ["\(store.folder)/\(Manifest.fileName)"] + store.manifest.grid.map { store.path(of: $0) }
  }

  /// The same request, with limits for the planned memory.
  func limited(by limits: LimitOptions) -> ReportRequest {
    var request = self
    request.limits = limits.limits
    return request
  }
}
