--[[ Quotes command lines for LrTasks.execute, which runs them in the system's shell. Pure: no host. ]]

local ShellQuote = {}

-- Between single quotes every character but the quote itself is literal.
local function posix(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Backslashes before the closing quote are doubled: the program that parses the line halves them.
local function windows(word)
  return '"' .. word:gsub('(\\+)$', '%1%1') .. '"'
end

local function fault(word, onWindows)
  if word:find '[%z\r\n]' then return 'contains a line break or a NUL' end
  if onWindows and word:find '"' then return 'contains a quotation mark, which cmd cannot pass on' end
  -- cmd replaces %NAME% between quotes too, and has no escape for it on a command line.
  if onWindows and word:find '%%[^%%]+%%' then return 'contains a text between two % signs, which cmd replaces' end
  return nil
end

--- Returns the command line that runs `program` with `arguments` (an array of texts), each passed on unchanged; nil and
-- the reason where the system's shell cannot pass on a word.
function ShellQuote.command(program, arguments, onWindows)
  local words = {}
  for index, word in ipairs { program, unpack(arguments) } do
    local why = fault(word, onWindows)
    if why then return nil, '"' .. word .. '" ' .. why end
    words[index] = (onWindows and windows or posix)(word)
  end
  local line = table.concat(words, ' ')
  -- cmd removes the first and the last quote of a line, so one more pair is added.
  return onWindows and '"' .. line .. '"' or line
end

return ShellQuote
