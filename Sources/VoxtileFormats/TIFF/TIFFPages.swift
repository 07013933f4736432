import Voxtile

/// All pages of a TIFF, as far as they are images.
struct TIFFPages: Sendable {
  /// Every page of the file, in its order; `nil` where it is a smaller copy or a mask, whatever it holds.
  let all: [TIFFPage?]
  /// What the first page says beside its pixels.
  let text: TIFFText
  let isBigEndian: Bool
  /// Whether it is a BigTIFF.
  let isBig: Bool

  /// More pages than any file that is meant well has.
  static let largestCount = 1 << 20

  /// Reads the fields of all pages.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are damaged or go in circles, and what ``TIFFPage/init(_:)``
  ///   throws,
  ///   with the number of the page.
  init(_ file: TIFFFile, _ directory: TIFFDirectory) throws(VoxtileError) {
    var all: [TIFFPage?] = []
    var offsets: Set<UInt64> = []
    var text: TIFFText?
    isBigEndian = file.isBigEndian
    isBig = directory.isBig
    repeat {
      guard offsets.insert(file.pageOffset).inserted, all.count < Self.largestCount else {
        throw .tiff("its pages go in circles, or are more than \(Self.largestCount)")
      }
      try directory.check(at: file.pageOffset)
      let isFirst = text == nil
      if isFirst { text = try TIFFText(file) }
      if !isFirst, TIFFPage.isSecondary(file) {
        all.append(nil)
        continue
      }
      do throws(VoxtileError) {
        all.append(try TIFFPage(file))
      } catch {
        throw all.isEmpty ? error : error.onPage(all.count)
      }
    } while try file.goToNextPage()
    guard let text else { throw .tiff("it has no page") }
    self.all = all
    self.text = text
  }

  /// Makes sure that pages make one volume.
  ///
  /// - Parameter numbers: the pages, in any order.
  /// - Returns: what all of them say of their pixels.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where one differs from the first of them.
  func commonPixels(of numbers: [Int]) throws(VoxtileError) -> TIFFPixels {
    var common: TIFFPixels?
    for number in numbers {
      guard let page = all[number] else {
        throw .tiff("its description names page \(number), which is a smaller copy or a mask")
      }
      guard let first = common else {
        common = page.pixels
        continue
      }
      guard page.pixels == first else {
        throw VoxtileError(
          .unsupportedFormat,
          "has pages that make no volume: page \(number) has \(page.pixels.description), but page \(numbers[0]) "
            + "\(first.description); save the pages as files of their own",
          context: .init(expected: first.description, found: page.pixels.description))
      }
    }
    guard let common else { throw .tiff("it has no page") }
    return common
  }
}

extension VoxtileError {
  /// The same error, of a page; pages are counted from 0.
  fileprivate func onPage(_ number: Int) -> VoxtileError {
    var error = self
    error.message += " (page \(number))"
    return error
  }
}
