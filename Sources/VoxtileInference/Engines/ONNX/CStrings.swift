/// Lends strings as a C array of C strings.
func withCStrings<Result, Failure: Error>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>>) throws(Failure) -> Result
) throws(Failure) -> Result {
  var offsets: [Int] = []
  var characters: [CChar] = []
  for string in strings {
    offsets.append(characters.count)
    characters.append(contentsOf: string.utf8CString)
  }
  let text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
  defer { text.deallocate() }
  _ = text.initialize(from: characters)
  // One more, so that there is memory to point to where there are no strings.
  let pointers = UnsafeMutablePointer<UnsafePointer<CChar>>.allocate(capacity: strings.count + 1)
  defer { pointers.deallocate() }
  for (index, offset) in offsets.enumerated() {
    guard let base = text.baseAddress else { break }
    (pointers + index).initialize(to: UnsafePointer(base + offset))
  }
  return try body(UnsafePointer(pointers))
}
