-- One session of a real Neovim, with the commands that a user types; what each of them
-- shows is printed. Driven by tests/editors/test_neovim.py, which sets:
--   SESSION_SERVER  the server's command, as a JSON list
--   SESSION_FILE    the file to edit first
--   SESSION_LINE    the line (from 1) with the name whose definition is asked for
--   SESSION_NAME    that name
--   SESSION_QUERY   what is searched for in the workspace

local function say(...) io.stdout:write(table.concat({ ... }, " ") .. "\n") end

local function give_up(why)
  say("FAILED:", why)
  vim.cmd("cquit 1")
end

local function wait_until(what, happened)
  if not vim.wait(30000, happened, 20) then give_up("waited in vain for " .. what) end
end

-- Messages as a user sees them, and in a list besides.
local messages = {}
local shown_by_neovim = vim.lsp.handlers["window/showMessage"]
vim.lsp.handlers["window/showMessage"] = function(err, result, ctx, ...)
  table.insert(messages, result.message)
  return shown_by_neovim(err, result, ctx, ...)
end

vim.lsp.config("codanna", {
  cmd = vim.json.decode(vim.env.SESSION_SERVER),
  filetypes = { "python", "typescript" },
  root_markers = { "pyproject.toml" },
})
vim.lsp.enable("codanna")
vim.cmd.edit(vim.env.SESSION_FILE)

local function client() return vim.lsp.get_clients({ name = "codanna", bufnr = 0 })[1] end
local function place()
  local at = vim.api.nvim_win_get_cursor(0)
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ":t")
  return string.format("%s:%d:%d: %s", name, at[1], at[2] + 1, vim.trim(vim.api.nvim_get_current_line()))
end

wait_until("the server", function()
  local c = client()
  return c and c.initialized
end)

-- Both stores are written when a checkpoint has ended and nothing else goes on.
wait_until("a whole index", function()
  local answer = client():request_sync("codanna/status", vim.empty_dict(), 5000, 0)
  local status = answer and answer.result
  return status and status.state == "READY" and not status.partial and status.roots[1].generation > 0
end)

say(":e " .. vim.fn.fnamemodify(vim.env.SESSION_FILE, ":t"))

say(":lua vim.lsp.buf.workspace_symbol('" .. vim.env.SESSION_QUERY .. "')")
vim.lsp.buf.workspace_symbol(vim.env.SESSION_QUERY)
wait_until("the quickfix list", function() return #vim.fn.getqflist() > 0 end)
for _, item in ipairs(vim.fn.getqflist()) do
  local name = vim.fn.fnamemodify(vim.fn.bufname(item.bufnr), ":t")
  say(string.format("  %s|%d col %d| %s", name, item.lnum, item.col, item.text))
end
vim.cmd.cclose()

vim.fn.cursor(tonumber(vim.env.SESSION_LINE), 1)
vim.fn.search(vim.env.SESSION_NAME, "c")
local before = place()
say(":lua vim.lsp.buf.definition()   on " .. before)
vim.lsp.buf.definition()
wait_until("the jump", function() return place() ~= before end)
say("  " .. place())

vim.cmd.edit(vim.env.SESSION_FILE)
say(":tag " .. vim.env.SESSION_NAME)
vim.cmd.tag(vim.env.SESSION_NAME)
say("  " .. place())

for _, message in ipairs(messages) do say("message: " .. message) end

client():stop()
wait_until("the server's end", function() return #vim.lsp.get_clients() == 0 end)
vim.cmd("qall!")
